# SPDX-License-Identifier: Apache-2.0
"""Uses the hub's pages as a person would, in headless Chromium: web_pages.py CHROMIUM URL NAME PASSWORD [SCREENSHOTS]."""
import sys
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

chromium, url, name, password = sys.argv[1:5]
pictures = sys.argv[5] if len(sys.argv) > 5 else None
address = "{0.scheme}://{0.netloc}".format(urlsplit(url))


def walk(browser, scheme, script):
    """Signs in, opens a case, follows evidence, looks at all parts, signs out."""
    context = browser.new_context(
        java_script_enabled=script, color_scheme=scheme, ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))

    def picture(title):
        if pictures:
            page.screenshot(path=f"{pictures}/hub-{title}-{scheme}.png", full_page=True)

    page.goto(address + "/web/cases")
    assert page.url.endswith("/web/sign-in"), page.url
    # With the keyboard alone.
    page.locator("#name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/web/cases")
    picture("cases")
    assert page.title() == "Cases – Outflow hub", page.title()
    cookies = [cookie for cookie in context.cookies() if cookie["name"] == "outflow_hub"]
    assert cookies and cookies[0]["httpOnly"] and cookies[0]["sameSite"] == "Strict", cookies
    page.get_by_label("Words").fill("203.0.113.9")
    page.get_by_role("button", name="Filter").click()
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/web/cases/R-*/C-*")
    picture("case")
    assert page.locator("svg").count() > 0
    page.locator("ol.story details summary").first.click()
    page.locator("ol.story ol.evidence a").first.click()
    page.wait_for_url("**/web/records/**")
    picture("record")
    assert "203.0.113.9" in page.locator("pre.record").inner_text()
    for part in ["Ledger", "Indicators", "Partners", "Audit", "Cases"]:
        page.get_by_role("navigation", name="Parts of the hub").get_by_role("link", name=part).click()
        assert page.get_by_role("main").count() == 1 and page.locator("h1").count() == 1, part
        picture(part.lower())
        # Every control has a name for screen readers, every table a caption.
        for control in page.locator("input:visible, select:visible, button:visible").all():
            label = control.evaluate(
                "e => e.labels && e.labels.length ? e.labels[0].textContent : e.getAttribute('aria-label') || e.textContent"
            ) if script else "-"
            assert label.strip(), part
        assert page.locator("table").count() == page.locator("table > caption").count(), part
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/web/sign-in")
    page.goto(address + "/web/cases")
    assert page.url.endswith("/web/sign-in")
    assert not messages, messages
    context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    walk(browser, "light", True)
    walk(browser, "dark", False)
    browser.close()
print("all seen")
