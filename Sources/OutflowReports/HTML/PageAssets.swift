// SPDX-License-Identifier: Apache-2.0

/// The style sheet and the script of `report.html`, and their hashes for the content security policy
/// (CSP Level 3, section 2.3.1). A test computes the hashes anew and says what they should be.
enum PageAssets {
    /// Base64 of the SHA-256 of ``style``.
    static let styleHash: StaticString = "9O1U9EcwGYbMqOGUJ3xbEinoPPWknwnPrT/DoMRCn+4="
    /// Base64 of the SHA-256 of ``script``.
    static let scriptHash: StaticString = "yddE5opD2RArbnSJ6YlYIbmiviPrTDI/9S2foiGsgkE="

    /// Paper and ink, four muted colours for the states, and tables that turn into cards on narrow screens.
    static let style: StaticString = """
        :root{color-scheme:light dark;--paper:#fbfaf7;--card:#ffffff;--ink:#1c2530;--soft:#55606d;--rule:#dcd8ce;--link:#1d4f7c;
        --taken:#a4372b;--exposed:#8a5a00;--accessed:#6a3b86;--attempted:#5b6570;--sanctioned:#2c6a4d;--focus:#1d6fc0}
        @media (prefers-color-scheme:dark){:root{--paper:#13171c;--card:#1a2027;--ink:#e8e4db;--soft:#a3adb8;--rule:#343c46;--link:#8fc0ee;
        --taken:#f0897b;--exposed:#e0b04c;--accessed:#c79be6;--attempted:#a3adb8;--sanctioned:#7fc8a3;--focus:#7db8f0}}
        *{box-sizing:border-box}
        [hidden]{display:none!important}
        html{font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif;background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:1180px;padding:0 28px 48px}
        a{color:var(--link)}
        :focus-visible{outline:3px solid var(--focus);outline-offset:2px}
        .skip{position:absolute;left:-999px;top:8px;background:var(--card);padding:8px 14px}
        .skip:focus{left:8px}
        .masthead{display:flex;flex-wrap:wrap;gap:4px 24px;align-items:baseline;padding:22px 0 14px;border-bottom:1px solid var(--rule)}
        .masthead p{margin:0}
        .brand{font-weight:700;letter-spacing:.02em}
        .brand span{font-weight:400;color:var(--soft)}
        .scope{color:var(--soft);font-size:.9rem;flex:1}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:0;padding:0;font-size:.9rem}
        h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Noto Serif",Georgia,serif;font-weight:600;text-wrap:balance}
        h1{font-size:clamp(1.55rem,3.4vw,2.3rem);line-height:1.22;margin:40px 0 10px;max-width:26em}
        h2{font-size:1.35rem;line-height:1.3;margin:52px 0 10px}
        .ceiling{font-size:1.1rem;margin:0 0 22px;max-width:46em}
        .figures{display:grid;grid-template-columns:repeat(4,1fr);gap:0;margin:0;border:1px solid var(--rule);border-radius:8px;background:var(--card)}
        .figures div{padding:14px 18px;border-left:1px solid var(--rule);min-width:0}
        .figures div:first-child{border-left:0}
        .figures dt{color:var(--soft);font-size:.85rem}
        .figures dd{margin:2px 0 0;font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.25}
        .remarks{margin:20px 0 0;padding-left:1.2em;max-width:52em}
        .remarks li{margin:3px 0}
        small{display:block;font-size:.8rem;line-height:1.4;font-weight:400;color:var(--soft)}
        code,.hash{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.82em}
        figure{margin:0}
        figcaption,.cut,section>p{color:var(--soft);font-size:.88rem;max-width:60em;margin:8px 0}
        .scroll{overflow-x:auto}
        svg{display:block;width:100%;min-width:720px;height:auto;font-family:inherit}
        svg text{fill:var(--ink);font-size:13px;unicode-bidi:isolate}
        svg .figure,svg .axis,svg .head{fill:var(--soft);font-size:11.5px}
        svg .head{letter-spacing:.08em}
        .flow .label{font-weight:600}
        .node rect{fill:var(--ink);fill-opacity:.82}
        .node .label,.node .figure{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
        .taken{--tone:var(--taken)}.exposed{--tone:var(--exposed)}.accessed{--tone:var(--accessed)}.attempted{--tone:var(--attempted)}.sanctioned{--tone:var(--sanctioned)}
        .band path{fill:var(--tone)}
        .band .solid{fill-opacity:.6}.band .pale{fill-opacity:.2}
        .band .open{fill-opacity:.08;stroke:var(--tone);stroke-width:1.2;stroke-dasharray:5 4}
        .band:hover .solid{fill-opacity:.8}.band:hover .pale{fill-opacity:.32}
        .rule,.tick{stroke:var(--rule)}.tick{stroke-dasharray:2 4}
        .bar{fill:var(--tone);fill-opacity:.8}
        .gap{fill:url(#hatch)}.hatch{fill:var(--soft);fill-opacity:.3}
        .alternative{font-size:.88rem;margin-top:4px}
        .legend{display:flex;flex-wrap:wrap;gap:4px 26px;margin:0 0 12px;font-size:.88rem;color:var(--soft)}
        .legend div{display:flex;gap:7px}.legend dd{margin:0}
        .state{white-space:nowrap;color:var(--tone);font-weight:600}
        .state::before{content:"";display:inline-block;width:.6em;height:.6em;border-radius:50%;background:var(--tone);margin-right:.45em}
        .state.exposed::before,.state.accessed::before{background:none;border:2px solid var(--tone)}
        .state.attempted::before{border-radius:0;height:.18em;vertical-align:.2em}
        .state.sanctioned::before{border-radius:0}
        .very-likely{--tone:var(--taken)}.likely{--tone:var(--accessed)}.possible{--tone:var(--exposed)}.unsuspected{--tone:var(--attempted)}
        .suspicion{white-space:nowrap;color:var(--tone);font-weight:600}
        .suspicion::before{content:"";display:inline-block;width:.6em;height:.6em;background:var(--tone);margin-right:.45em;rotate:45deg}
        .suspicion.possible::before,.suspicion.unsuspected::before{background:none;border:2px solid var(--tone)}
        .case{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:18px 22px;margin:0 0 18px}
        .case h3{font-size:1.08rem;line-height:1.4;margin:0;overflow-wrap:anywhere}
        .case h3 .suspicion{margin-right:.5em}
        .case h4{font-size:.88rem;margin:14px 0 2px}
        .members{color:var(--soft);font-size:.88rem;margin:4px 0 0}
        .story{list-style:none;margin:14px 0 0;padding:0 0 0 18px;border-left:2px solid var(--rule)}
        .story li{margin:0 0 10px;font-size:.92rem}
        .story p{margin:1px 0;overflow-wrap:anywhere}
        .story time{color:var(--soft);font-size:.85rem;margin-left:.6em}
        .tactic{font-weight:600;font-size:.85rem}
        .reasons{margin:2px 0;padding-left:1.2em;font-size:.9rem}
        .reasons li{overflow-wrap:anywhere}
        .limit{fill:var(--link);fill-opacity:.35}.limit.open{fill-opacity:.06;stroke:var(--link);stroke-dasharray:5 4}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        caption{text-align:left;color:var(--soft);padding:4px 0 8px;font-size:.88rem}
        th,td{text-align:left;vertical-align:top;padding:9px 14px 9px 0;overflow-wrap:anywhere}
        th:last-child,td:last-child{padding-right:0}
        thead th{border-bottom:2px solid var(--ink);font-size:.82rem;vertical-align:bottom;white-space:nowrap}
        tbody th{font-weight:600}
        .words tbody tr+tr>*,.numbers tbody tr+tr>*{border-top:1px solid var(--rule)}
        .numbers td,.numbers thead th:not(:first-child),.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .numbers th{white-space:nowrap}
        .plain{list-style:none;margin:0;padding:0}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:12px 44px}
        .amount strong{white-space:nowrap;font-variant-numeric:tabular-nums;font-size:1rem}
        .amount small,time{font-variant-numeric:tabular-nums}
        time,.route{white-space:nowrap}
        .ledger .name{font-weight:600}
        .ledger tbody{border-top:1px solid var(--rule)}
        .ledger thead+tbody{border-top:0}
        .ledger tr:not(.more) td{padding-bottom:2px}
        .ledger .more td{padding-top:0}
        .ledger td:nth-child(1){width:18%}.ledger td:nth-child(4),.ledger td:nth-child(5){width:20%}
        .words .when{min-width:8.4em}
        summary{cursor:pointer;color:var(--soft);font-size:.85rem;padding:3px 0;width:fit-content}
        summary:hover{color:var(--ink)}
        .proof{border-left:3px solid var(--rule);margin:4px 0 10px;padding:2px 0 2px 16px;font-size:.88rem}
        .proof p{margin:6px 0}
        .notes,.evidence{margin:6px 0;padding-left:1.3em}
        .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:2px 28px;margin:8px 0}
        .facts div{display:flex;gap:8px}.facts dt{color:var(--soft);flex:0 0 7em}.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
        .tools{display:flex;flex-wrap:wrap;gap:10px;margin:0 0 8px}
        .tools input,.tools button{font:inherit;font-size:.88rem;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:6px;padding:6px 11px}
        .tools input{min-width:min(22em,100%)}
        .sort{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
        .sort::after{content:" \\2195";color:var(--soft)}
        [aria-sort=ascending] .sort::after{content:" \\2191";color:var(--ink)}[aria-sort=descending] .sort::after{content:" \\2193";color:var(--ink)}
        .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--rule);color:var(--soft);font-size:.85rem}
        footer p{max-width:60em}
        @media screen and (max-width:760px){
        body{padding:0 16px 32px}
        .figures{grid-template-columns:repeat(2,1fr)}.figures div:nth-child(odd){border-left:0}.figures div:nth-child(n+3){border-top:1px solid var(--rule)}
        .figures dd{font-size:1.25rem}
        .pair{grid-template-columns:minmax(0,1fr)}
        .ledger,.ledger tbody,.ledger tr,.ledger td{display:block;width:auto!important}
        .ledger caption{display:block}
        .ledger thead{position:absolute;clip-path:inset(50%)}
        .ledger tbody{background:var(--card);border:1px solid var(--rule)!important;border-radius:8px;padding:12px 14px;margin:0 0 12px}
        .ledger td{padding:2px 0!important}
        .ledger tr:not(.more) td:not(.amount){display:grid;grid-template-columns:5.5em minmax(0,1fr)}
        .ledger tr:not(.more) td:not(.amount)>*{grid-column:2}
        .ledger tr:not(.more) td:not(.amount)::before{content:attr(data-label);color:var(--soft);font-size:.82rem;grid-column:1;grid-row:1}
        .words{min-width:640px}
        figcaption::before{content:"Scroll sideways to see all. "}
        }
        @media print{
        :root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb;--link:#000;--taken:#8f2a1f;--exposed:#6f4800;--accessed:#552c6e;--attempted:#444;--sanctioned:#1f4f39}
        @page{margin:16mm 14mm}
        html{font-size:9pt}
        body{max-width:none;padding:0}
        nav,.skip,.tools,.sort::after,.alternative{display:none}
        h1{margin-top:18px}h2,caption,thead{break-after:avoid}h2{margin-top:24px}
        tbody tr,.ledger tbody,figure,.figures,.story li{break-inside:avoid}
        .scroll{overflow:visible}svg{min-width:0;max-height:96mm}th,td{padding:5px 12px 5px 0}.ledger td:nth-child(1){width:auto}
        details::details-content{content-visibility:visible;display:block;height:auto;block-size:auto}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        }
        @media (forced-colors:active){.band path,.bar,.limit{fill:CanvasText}}
        """

    /// Makes the ledger's columns sortable and the ledger searchable, and opens what is folded before printing. The page
    /// is complete without it. It builds elements and sets text; it never turns text into markup.
    static let script: StaticString = """
        "use strict";(()=>{
        const make=(tag,text,name)=>{const e=document.createElement(tag);e.textContent=text;if(name)e.className=name;return e};
        addEventListener("beforeprint",()=>document.querySelectorAll("details:not([open])").forEach(d=>{d.open=true;d.dataset.folded=""}));
        addEventListener("afterprint",()=>document.querySelectorAll("details[data-folded]").forEach(d=>{d.open=false;delete d.dataset.folded}));
        const table=document.getElementById("ledger-table");if(!table)return;
        const bodies=[...table.tBodies],said=make("p","","unseen");said.setAttribute("role","status");
        const tools=make("div","","tools"),find=document.createElement("input"),open=make("button","Open all evidence");
        find.type="search";find.placeholder="Filter: host, route, amount, ID";find.setAttribute("aria-label","Filter the ledger");open.type="button";
        tools.append(find,open,said);table.before(tools);
        const words=bodies.map(b=>b.textContent.toLowerCase());
        find.addEventListener("input",()=>{const q=find.value.trim().toLowerCase();let n=0;
        bodies.forEach((b,i)=>{const hit=words[i].includes(q);b.hidden=!hit;n+=hit});said.textContent="Transfers shown: "+n});
        open.addEventListener("click",()=>{const all=table.querySelectorAll("details"),on=[...all].some(d=>!d.open);
        all.forEach(d=>{d.open=on});open.textContent=on?"Fold all evidence":"Open all evidence"});
        [...table.tHead.rows[0].cells].forEach((head,column)=>{
        const name=head.textContent,button=make("button",name,"sort");button.type="button";head.textContent="";head.append(button);
        const key=b=>{const c=b.rows[0].cells[column];return c.dataset.key||c.textContent};
        button.addEventListener("click",()=>{
        const up=head.getAttribute("aria-sort")==="descending"||!head.hasAttribute("aria-sort")&&column>0&&column!==6;
        for(const other of table.tHead.rows[0].cells)other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort",up?"ascending":"descending");
        const rows=bodies.map((b,i)=>[key(b),i,b]).sort((a,b)=>(a[0]<b[0]?-1:a[0]>b[0]?1:0)*(up?1:-1)||a[1]-b[1]);
        table.append(...rows.map(r=>r[2]));said.textContent="Sorted by "+name+(up?", ascending":", descending")})});
        })();
        """
}
