"""Uses the page of a gateway as a person would; prints what was seen as a line of JSON.

drive_jobs.py CHROMIUM URL KEY SCREENSHOTS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import visit
from playwright.sync_api import Browser, Page

WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 360, "height": 740}


def unlock(seen: visit.Visit, key: str) -> None:
    seen.page.get_by_label("API key", exact=True).fill(key)
    seen.page.get_by_role("button", name="Use").click()
    seen.page.locator("#jobs tbody tr").first.wait_for()


def rows(page: Page) -> list[list[str]]:
    """Name, phase, what it says and the button of each job."""
    found = []
    for row in page.locator("#jobs tbody tr").all():
        cells = [row.locator("th"), row.locator(".phase"), row.locator(".says")]
        button = row.locator("button")
        found.append([*(cell.inner_text() for cell in cells),
                      button.inner_text() if button.is_visible() else ""])  # fmt: skip
    return found


def press(page: Page, button: str, phase: str) -> list[list[str]]:
    """What the rows say once a button has had its effect on its job."""
    page.get_by_role("button", name=button, exact=True).click()
    job = button.rsplit(maxsplit=1)[-1]
    page.locator("tr", has=page.get_by_text(job, exact=True)).get_by_text(
        phase, exact=True
    ).wait_for()
    return rows(page)


def refused(page: Page, button: str, **answer: object) -> list[str]:
    """What the page tells of a button that is refused: at once, and after its next look."""
    page.route("**/v1/jobs/*", lambda route: route.fulfill(**answer))
    page.get_by_role("button", name=button, exact=True).click()
    page.locator("#notice").wait_for()
    told = page.inner_text("#notice")
    for _ in range(2):  # the second look begins when all is done that the first has led to
        with page.expect_request("**/v1/jobs?*"):
            pass
    return [told, page.inner_text("#notice")]


def use(browser: Browser, url: str, key: str, shots: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    with visit.opened(browser, WIDE) as page:
        seen = visit.Visit(page, url)
        page.locator("#notice").wait_for()
        found["asked"] = page.inner_text("#notice")
        found["models"] = page.locator("#content").is_visible()
        seen.complaints.clear()  # of the answer 401
        unlock(seen, key)
        page.get_by_text("epoch 3").wait_for()
        found["usage"] = page.inner_text("#jobs .usage")
        found["rows"] = rows(page)
        page.screenshot(path=shots / "jobs-wide.png", full_page=True)
        found["stopped"] = press(page, "Stop waits", "stopped")
        found["resumed"] = press(page, "Resume fails", "queued")
        found["complaints"], found["elsewhere"] = seen.complaints, seen.elsewhere
    with visit.opened(browser, WIDE) as page:
        unlock(visit.Visit(page, url), key)
        found["refused"] = refused(page, "Stop runs", status=409, json={"error": "it has ended"})
        page.unroute_all()
        found["by a proxy"] = refused(page, "Stop runs", status=502, json={})
    with visit.opened(browser, PHONE, is_mobile=True, color_scheme="dark") as page:
        seen = visit.Visit(page, url)
        unlock(seen, key)
        found["scrolls"] = seen.scrolls()
        page.screenshot(path=shots / "jobs-phone.png", full_page=True)
    return found


def main(chromium: str, url: str, key: str, shots: str) -> None:
    with visit.browsing(chromium) as browser:
        print(json.dumps(use(browser, url, key, Path(shots))))


if __name__ == "__main__":
    main(*sys.argv[1:])
