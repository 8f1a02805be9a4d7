// SPDX-License-Identifier: Apache-2.0

/// What the hub's pages add to the report's style sheet.
enum WebAssets {
    static let style: StaticString = """
        .masthead nav{flex:1}
        nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
        .leave{display:flex;gap:10px;align-items:baseline;font-size:.88rem;color:var(--soft)}
        input,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:6px;padding:6px 11px;max-width:100%}
        button{cursor:pointer}
        .filter{display:flex;flex-wrap:wrap;gap:12px 18px;align-items:end;margin:0 0 18px;font-size:.9rem}
        .filter label,.sign-in label{display:block;color:var(--soft);font-size:.85rem}
        .sign-in input{width:22em}
        .problem{border-left:4px solid var(--taken);padding:8px 14px;background:var(--card)}
        .record{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:12px 16px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:.82rem/1.5 ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace}
        .pages{display:flex;gap:24px;margin:14px 0}
        .crumbs{font-size:.88rem;margin:18px 0 0}
        """
}
