"""Reads a report as a person would; prints what was seen as a line of JSON.

drive.py CHROMIUM REPORT_HTML COMPARISON_HTML SCREENSHOTS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page
from visit import Visit, browsing, opened

WINDOWS = {"phone": {"width": 360, "height": 740}, "desktop": {"width": 1280, "height": 900}}
THEMES = ("light", "dark")
DECODED = "images => images.every(image => image.complete && image.naturalWidth > 0)"
# Contrast of two colours by the guidelines of the W3C, of every element that has text.
CONTRASTS = """() => {
    const channel = value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const light = ([red, green, blue]) =>
        0.2126 * channel(red / 255) + 0.7152 * channel(green / 255) + 0.0722 * channel(blue / 255);
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    function behind(element) {
        for (let at = element; at; at = at.parentElement) {
            const found = parts(getComputedStyle(at).backgroundColor);
            if (found.length === 3 || found[3] > 0) return found;
        }
    }
    const texts = [...document.querySelectorAll("body *")].filter(element =>
        element.checkVisibility() && !element.disabled &&
        [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    return texts.map(element => {
        const [one, other] = [parts(getComputedStyle(element).color), behind(element)].map(light);
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    });
}"""


def look(browser: Browser, file: Path, shots: Path) -> list[dict[str, Any]]:
    """The page in every window and theme."""
    found = []
    for window, size in WINDOWS.items():
        for theme in THEMES:
            with opened(browser, size, color_scheme=theme) as page:
                seen = Visit(page, file.as_uri())
                page.screenshot(path=shots / f"{file.stem}-{window}-{theme}.png", full_page=True)
                found.append(
                    {
                        "where": f"{file.stem} {window} {theme}",
                        "scrolls": seen.scrolls(),
                        "decoded": page.locator("img").evaluate_all(DECODED),
                        "least contrast": min(page.evaluate(CONTRASTS)),
                        "complaints": seen.complaints,
                        "elsewhere": seen.elsewhere,
                    }
                )
    return found


def column(box: Locator, place: int) -> list[str]:
    return [row.locator("th, td").nth(place).inner_text() for row in box.locator("tbody tr").all()]


def turn(page: Page) -> dict[str, Any]:
    """Sort, filter and leaf through the trials."""
    box = page.locator(".listing")
    found: dict[str, Any] = {"place": [box.locator(".place").inner_text()]}
    found["first"] = column(box, 0)
    for title in ("accuracy", "accuracy", "network"):
        box.get_by_role("button", name=title, exact=True).click()
        found.setdefault("sorted", []).append(column(box, 1 if title == "network" else 2))
    found["direction"] = box.locator("th[aria-sort]").get_attribute("aria-sort")
    box.get_by_role("button", name="Next").click()
    found["place"].append(box.locator(".place").inner_text())
    box.get_by_role("searchbox").fill("lenet failed")
    found["place"].append(box.locator(".place").inner_text())
    found["filtered"] = [row.inner_text() for row in box.locator("tbody tr").all()]
    box.get_by_role("searchbox").fill("nothing like this")
    found["place"].append(box.locator(".place").inner_text())
    return found


def main(chromium: str, report: str, comparison: str, folder: str) -> None:
    shots, file = Path(folder), Path(report)
    with browsing(chromium) as browser:
        found: dict[str, Any] = {
            "looks": [*look(browser, file, shots), *look(browser, Path(comparison), shots)]
        }
        with opened(browser, WINDOWS["desktop"]) as page:
            seen = Visit(page, file.as_uri())
            found["turn"] = turn(page) | {"complaints": seen.complaints}
        with opened(browser, WINDOWS["desktop"], java_script_enabled=False) as page:
            Visit(page, file.as_uri())
            found["without script"] = {
                "rows": page.locator(".listing tbody tr").count(),
                "tools": page.locator(".tools").is_visible(),
            }
    print(json.dumps(found, ensure_ascii=False))


main(*sys.argv[1:])
