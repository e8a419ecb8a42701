"""What every script shares that uses a page as a person would."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright


class Visit:
    """A page that is open, and what it asked for and complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._note(request.url))
        page.goto(url)

    def _note(self, url: str) -> None:
        if not url.startswith((self.url, f"blob:{self.url}")):
            self.elsewhere.append(url)

    def scrolls(self) -> bool:
        """Whether the page is wider than its window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@contextmanager
def browsing(chromium: str) -> Iterator[Browser]:
    """A browser without a window."""
    # Chromium's sandbox does not work for root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, size: dict[str, int], **options: object) -> Iterator[Page]:
    """An empty page in a window of a size, with nothing from earlier ones."""
    context = browser.new_context(viewport=size, **options)
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()
