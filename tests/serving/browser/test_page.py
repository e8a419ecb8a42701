"""The page in a real browser, in an environment of its own: ``make test-browser``."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from serving.catalogue import Catalogue, Open
from serving.keys import Keys
from serving.limits import Limits
from serving.source import FolderSource
from serving.web import create_app
from tests.serving.kinds import Listen

DRIVE = Path(__file__).with_name("drive.py")
# The page's signs, a space that ends no line among them, as a keyboard has them.
PLAIN = str.maketrans({"\u00a0": " ", "\u2212": "-", "\u00d7": "x"})
# printf %s one | sha256sum
KEYS = "anna 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"

pytestmark = pytest.mark.slow

Found = dict[str, dict]


@pytest.fixture(scope="module")
def found(
    saved: Path,
    save_generator: Callable[..., Path],
    opened: Open,
    listen: Listen,
    drive: Callable[..., Found],
    tmp_path_factory: pytest.TempPathFactory,
) -> Found:
    """What ``drive.py`` saw of a server of a classifier and a generator, with keys and without."""
    folder = tmp_path_factory.mktemp("browser")
    Image.new("L", (20, 30), 255).save(folder / "white.png")
    (folder / "words.png").write_text("words")
    sources = [
        FolderSource("brightness", saved, "7"),
        FolderSource("halves", save_generator(side=8)),
    ]
    app = partial(create_app, Catalogue.load(sources, opened), Limits())
    with listen(app()) as plain, listen(app(Keys.parse(KEYS, "keys"))) as guarded:
        seen = drive(
            *(DRIVE, f"http://{plain}/", f"http://{guarded}/", "one"),
            *(folder / "white.png", folder / "words.png"),
        )
    return json.loads(json.dumps(seen, ensure_ascii=False).translate(PLAIN))


@pytest.mark.parametrize("visit", ["use", "make"])
def test_nothing_fails_and_nothing_comes_from_elsewhere(found: Found, visit: str) -> None:
    assert (found[visit]["complaints"], found[visit]["elsewhere"]) == ([], [])


def test_models_and_their_figures(found: Found) -> None:
    name, version, about = found["use"]["models"][0]
    assert (name, version) == ("brightness", "version 7")
    assert about == "97.00 % at -70 % FLOPs"
    assert found["use"]["models"][1] == ["halves", "version 1", "8 x 8, grey"]
    rows = [row.split("\t") for row in found["use"]["figures"]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["Accuracy", "98.00 %", "97.00 %", "-1.00 pt"],
        ["FLOPs", "1.00 k", "300", "-70 %"],
        ["Parameters", "100", "30", "-70 %"],
        ["Size", "4.00 kB", "1.20 kB", "-70 %"],
        ["Latency", "0.20 ms", "0.10 ms", "-50 %"],
    ]


def test_drawings(found: Found) -> None:
    """A dot fills pi / 4 of the frame, a line across the canvas 17 %.

    The model says sigmoid(4 * (mean - 0.5)): 0.758 of a disc, whose edge has some grey.
    """
    label, share = found["use"]["dot"]
    assert label == "bright"
    assert float(share.split()[0]) == pytest.approx(75.8, abs=0.8)
    assert found["use"]["line"][0] == "dark"
    assert found["use"]["bars"] == 2
    assert "Version 7 answered in" in found["use"]["time"]


def test_a_file(found: Found) -> None:
    assert found["use"]["file"] == ["bright", "88.1 %"]  # sigmoid(2)


def test_an_error_is_shown_in_the_words_of_the_server(found: Found) -> None:
    assert found["use"]["refusal"].startswith("the body is not a readable picture")


def test_images_of_a_seed(found: Found) -> None:
    assert (found["make"]["first"], found["make"]["few"]) == (16, 3)
    seven, eight, again = found["make"]["seeds"]
    assert seven == again
    assert len({*seven, *eight}) == 6


def test_late_answers_change_nothing(found: Found) -> None:
    """One of a drawing that was cleared, and one that comes when another model was chosen."""
    late = found["late"]
    assert (late["cleared"], late["notice"]) == (False, False)
    assert "made 16 images of seed 0" in late["time"]


def test_of_many_seeds_at_once_the_last_is_made(found: Found) -> None:
    """The first is under way, and the second nobody waits for any more."""
    assert found["hurry"] == {"asked": [1, 3], "images": 16}


def test_a_second_finger_draws_nothing(found: Found) -> None:
    alone, both = found["fingers"]
    assert both == alone
    assert alone["asked"] == 1


def test_a_key(found: Found) -> None:
    seen = found["unlock"]
    assert seen["asked"] == "an API key is needed, as bearer token or X-API-Key"
    assert seen["wrong"] == "the API key is not known"
    assert seen["dot"][0] == "bright"
    assert seen["cards"] == 0


def test_a_phone_does_not_scroll_sideways(found: Found) -> None:
    assert found["phone"]["scrolls"] == [False, False]
