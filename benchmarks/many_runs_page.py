"""Opens a page of MLflow's UI until it shows a run; prints the seconds.

many_runs_page.py CHROMIUM URL, with user and password as JSON on standard input.  Needs playwright
alone, in an environment of its own.
"""

from __future__ import annotations

import json
import os
import sys
import time

from playwright.sync_api import sync_playwright

# A run's name in the table leads to its page.
_RUN = "a[href*='/runs/']"


def main(chromium: str, url: str) -> None:
    who = json.load(sys.stdin)
    # Chromium's sandbox does not work for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        context = browser.new_context(http_credentials=who if who["username"] else None)
        page = context.new_page()
        began = time.perf_counter()
        page.goto(url)
        page.locator(_RUN).first.wait_for(timeout=120_000)
        print(time.perf_counter() - began)
        browser.close()


main(*sys.argv[1:])
