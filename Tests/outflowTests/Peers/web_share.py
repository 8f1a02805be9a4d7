# SPDX-License-Identifier: Apache-2.0
"""What a person does with a theft: signs in, opens the case, follows its evidence, shares it at TLP:AMBER, looks at the
preview, and sends it. Once with the page's script and once without.

usage: web_share.py CHROMIUM URL NAME PASSWORD ATTACKER VICTIM
"""

import re
import sys
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

chromium, url, name, password, attacker, victim = sys.argv[1:7]
parts = urlsplit(url)
address = f"{parts.scheme}://{parts.netloc}"


def walk(browser, script):
    context = browser.new_context(java_script_enabled=script, ignore_https_errors=True)
    page = context.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(address + "/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/web/cases")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/web/cases/R-*/C-*")
    case = page.url
    page.locator("ol.story details summary").first.click()
    page.locator("ol.story ol.evidence a").first.click()
    page.wait_for_url("**/web/records/**")
    assert victim in page.locator("pre.record").inner_text()
    page.goto(case)
    page.get_by_role("link", name="Share this case").click()
    page.wait_for_url("**/web/share/R-*/C-*")
    page.get_by_label("Partner").select_option("isac")
    page.get_by_label("Marking").select_option("TLP:AMBER")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url(re.compile("to=isac"))
    rows = page.locator("table tbody tr").all_inner_texts()
    assert any(row.startswith("in") and attacker in row and "TLP:AMBER" in row for row in rows), rows
    assert any(row.startswith("out") and victim in row and "victim" in row for row in rows), rows
    assert not any(row.startswith("in") and victim in row for row in rows), rows
    # With the keyboard alone.
    send = page.get_by_role("button", name="Send ")
    send.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sent").wait_for()
    assert "isac can read" in page.get_by_role("main").inner_text()
    page.get_by_role("link", name="What is there now").click()
    text = page.get_by_role("main").inner_text()
    assert "indicator" in text and victim not in text, text
    page.get_by_role("link", name="Partners", exact=True).click()
    sent = page.get_by_role("main").inner_text()
    assert "isac" in sent and "TLP:AMBER" in sent, sent
    assert not messages, messages
    context.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    walk(browser, True)
    walk(browser, False)
    browser.close()
print("sent")
