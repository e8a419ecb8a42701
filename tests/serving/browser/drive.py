"""Uses the page as a person would; prints what was seen as a line of JSON.

drive.py CHROMIUM OPEN_URL GUARDED_URL KEY WHITE_PNG TEXT_FILE SCREENSHOTS
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import visit
from playwright.sync_api import Browser, CDPSession, Route

WIDE = {"width": 1400, "height": 1000}
PHONE = {"width": 360, "height": 740}
# The pixels of an image of the page, which its policy lets nobody fetch.
PIXELS = """image => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL();
}"""


class Visit(visit.Visit):
    """The server's page."""

    def choose(self, model: str) -> None:
        self.page.locator(".card", has_text=model).click()

    def stroke(self, *points: tuple[float, float]) -> None:
        """Through points of the canvas, whose sides are 1."""
        box = self.page.locator(".paper canvas").bounding_box()
        spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        self.page.mouse.move(*spots[0])
        self.page.mouse.down()
        for spot in spots[1:]:
            self.page.mouse.move(*spot, steps=5)
        self.page.mouse.up()

    def touch(self, kind: str, *fingers: tuple[float, float]) -> None:
        """Where fingers are on the canvas, whose sides are 1, once one has come, moved or gone.

        A finger that is left out has gone; "touchEnd" is for the last.
        """
        box = self.page.locator(".paper canvas").bounding_box()
        spots = [
            {"id": finger, "x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
            for finger, (x, y) in enumerate(fingers)
        ]
        self._devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    @cached_property
    def _devtools(self) -> CDPSession:
        """Playwright itself has one finger."""
        return self.page.context.new_cdp_session(self.page)

    def draw(self, *points: tuple[float, float]) -> list[str]:
        """A stroke, and the answer to it."""
        with self.page.expect_response("**/classify"):
            self.stroke(*points)
        return self.answer()

    def answer(self) -> list[str]:
        self.page.locator(".result").wait_for()
        return [self.page.inner_text(".label"), self.page.inner_text(".sure")]

    def notice(self) -> str:
        self.page.locator("#notice").wait_for()
        return self.page.inner_text("#notice")

    def images(self, count: int) -> list[str]:
        """The images, once there are as many as asked for and the text says so."""
        self.page.wait_for_function(
            "count => document.querySelectorAll('.images img').length === count", arg=count
        )
        return [image.evaluate(PIXELS) for image in self.page.locator(".images img").all()]

    def fill(self, field: str, value: str) -> None:
        with self.page.expect_response("**/generate"):
            self.page.locator(field).fill(value)
        self.page.wait_for_timeout(0)


@contextmanager
def visiting(
    browser: Browser, url: str, size: dict[str, int], **options: object
) -> Iterator[Visit]:
    with visit.opened(browser, size, **options) as page:
        yield Visit(page, url)


def use(browser: Browser, url: str, white: str, text: str, shots: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    with visiting(browser, url, WIDE) as seen:
        page = seen.page
        page.locator(".card").first.wait_for()
        found["models"] = [card.inner_text().split("\n") for card in page.locator(".card").all()]
        found["figures"] = [row.inner_text() for row in page.locator("tbody tr").all()]
        found["dot"] = seen.draw((0.5, 0.5))
        page.click(".clear")
        found["line"] = seen.draw((0.1, 0.5), (0.9, 0.5))
        found["bars"] = page.locator(".bars li").count()
        found["time"] = page.inner_text(".time")
        page.screenshot(path=shots / "classifier-wide.png", full_page=True)
        with page.expect_response("**/classify"):
            page.set_input_files("input[type=file]", white)
        found["file"] = seen.answer()
        found["complaints"] = list(seen.complaints)
        page.set_input_files("input[type=file]", text)
        found["refusal"] = seen.notice()
        found["elsewhere"] = seen.elsewhere
    return found


def make(browser: Browser, url: str, shots: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    with visiting(browser, url, WIDE, color_scheme="dark") as seen:
        seen.choose("halves")
        found["first"] = len(seen.images(16))
        seen.page.screenshot(path=shots / "generator-wide.png", full_page=True)
        seen.fill("#count", "3")
        found["few"] = len(seen.images(3))
        found["seeds"] = []
        for seed in ("7", "8", "7"):
            seen.fill("#seed", seed)
            seen.page.get_by_text(f"of seed {seed}").wait_for()
            found["seeds"].append(seen.images(3))
        found["complaints"], found["elsewhere"] = seen.complaints, seen.elsewhere
    return found


def late(browser: Browser, url: str) -> dict[str, object]:
    """What answers change that come when nobody waits for them any more."""
    found: dict[str, object] = {}
    with visiting(browser, url, WIDE) as seen:
        page, held = seen.page, []

        def hold(route: Route) -> None:
            held.append(route)

        def answered() -> None:
            """Let the server have what it was asked, and the page what it says."""
            with page.expect_response("**/classify") as response:
                held.pop().continue_()
            response.value.finished()
            page.evaluate("() => new Promise(requestAnimationFrame)")

        page.route("**/classify", hold)

        with page.expect_request("**/classify"):
            seen.stroke((0.5, 0.5))
        page.click(".clear")
        answered()
        found["cleared"] = page.locator(".result").is_visible()
        with page.expect_request("**/classify"):
            seen.stroke((0.5, 0.5))
        seen.choose("halves")
        seen.images(16)
        answered()
        found["notice"] = page.locator("#notice").is_visible()
        found["time"] = page.inner_text(".time")
    return found


def hurry(browser: Browser, url: str) -> dict[str, object]:
    """The seeds that a generator is asked for while it has not answered yet."""
    with visiting(browser, url, WIDE) as seen:
        page, held, asked = seen.page, [], []

        def hold_the_first(route: Route) -> None:
            asked.append(route.request.post_data_json["seed"])
            if len(asked) == 1:
                held.append(route)
            else:
                route.continue_()

        seen.choose("halves")
        page.get_by_text("of seed 0").wait_for()
        page.route("**/generate", hold_the_first)
        for seed in ("1", "2", "3"):
            page.locator("#seed").fill(seed)
        while not held:
            page.wait_for_timeout(0)  # lets the request come here
        held.pop().continue_()
        page.get_by_text("of seed 3").wait_for()
        return {"asked": asked, "images": len(seen.images(16))}


def fingers(browser: Browser, url: str) -> list[dict[str, object]]:
    """What is said of a line by one finger, alone and while another is on the canvas."""
    first, second = [(x, 0.5) for x in (0.1, 0.5, 0.9)], [(0.3, 0.1), (0.8, 0.2)]
    alone = [("Start", first[0]), *(("Move", spot) for spot in first[1:]), ("End",)]
    both = [
        ("Start", first[0]),
        ("Start", first[0], second[0]),
        ("Move", first[1], second[1]),
        ("Move", first[1]),
        ("Move", first[2]),
        ("End",),
    ]
    found = []
    for gesture in (alone, both):
        with visiting(browser, url, PHONE, is_mobile=True, has_touch=True) as seen:
            seen.page.locator(".paper canvas").scroll_into_view_if_needed()
            asked: list[str] = []
            seen.page.on("request", lambda request, asked=asked: asked.append(request.url))
            with seen.page.expect_response("**/classify"):
                for kind, *spots in gesture:
                    seen.touch(f"touch{kind}", *spots)
            found.append({"answer": seen.answer(), "asked": len(asked)})
    return found


def unlock(browser: Browser, url: str, key: str) -> dict[str, object]:
    found: dict[str, object] = {}
    with visiting(browser, url, WIDE) as seen:
        page = seen.page
        found["asked"] = seen.notice()
        for name, given in (("wrong", f"{key}x"), ("right", key)):
            page.get_by_label("API key", exact=True).fill(given)
            with page.expect_response("**/v1/models"):
                page.get_by_role("button", name="Use").click()
            if name == "wrong":
                found["wrong"] = seen.notice()
        page.locator(".card").first.wait_for()
        page.reload()
        page.locator(".card").first.wait_for()
        found["dot"] = seen.draw((0.5, 0.5))
        page.get_by_role("button", name="Forget the API key").click()
        page.get_by_label("API key", exact=True).wait_for()
        found["cards"] = page.locator(".card:visible").count()
    return found


def carry(browser: Browser, url: str, shots: Path) -> dict[str, object]:
    options = {"is_mobile": True, "has_touch": True, "device_scale_factor": 2}
    with visiting(browser, url, PHONE, **options) as seen:
        seen.page.locator(".card").first.wait_for()
        seen.draw((0.5, 0.5))
        seen.page.locator("summary").click()
        scrolls = [seen.scrolls()]
        seen.page.screenshot(path=shots / "classifier-phone.png", full_page=True)
        seen.choose("halves")
        seen.images(16)
        scrolls.append(seen.scrolls())
        seen.page.screenshot(path=shots / "generator-phone.png", full_page=True)
    return {"scrolls": scrolls}


def main(
    chromium: str, url: str, guarded: str, key: str, white: str, text: str, folder: str
) -> None:
    shots = Path(folder)
    with visit.browsing(chromium) as browser:
        found = {
            "use": use(browser, url, white, text, shots),
            "make": make(browser, url, shots),
            "late": late(browser, url),
            "hurry": hurry(browser, url),
            "fingers": fingers(browser, url),
            "unlock": unlock(browser, guarded, key),
            "phone": carry(browser, url, shots),
        }
    print(json.dumps(found, ensure_ascii=False))


main(*sys.argv[1:])
