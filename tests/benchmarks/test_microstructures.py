import json

import pytest

from benchmarks import microstructure_tables, microstructures
from benchmarks.page import HERE

MACHINE = {
    "processor": "a processor", "cores": 2, "load_before": 0.5, "torch": "2", "ray": "2",
    "torch-pruning": "1", "python": "3.11", "date": "today", "command": "a command",
}  # fmt: skip
GOOD = {
    "volume_fraction_distance": 0.01,
    "two_point_distance": 0.02,
    "lineal_path_distance": 0.03,
    "unexplained": 0.001,
    "valid": 0.97,
}
PIECE = {"steps": 100, "seconds": 50.0, "losses": {}, **GOOD}


def test_what_a_measure_does_not_see_is_in_brackets():
    # Half as high again is seen, less is not; validity is seen below nine tenths of 0.97.
    bad = GOOD | {"volume_fraction_distance": 0.0151, "two_point_distance": 0.029, "valid": 0.88}
    found = {"held": 10, "learned": 20, "kinds": {"real": GOOD, "bad": bad}, "machine": MACHINE}
    lines = microstructure_tables.orderings(found, {})
    assert lines[2] == "| real | 0.0100 | 0.0200 | 0.0300 | 0.0010 | 97.0 |"
    assert lines[3] == "| bad | 0.0151 | (0.0290) | (0.0300) | (0.0010) | (88.0) |"


def test_early_and_late_are_of_the_longest_training():
    pieces = [PIECE | {"valid": share} for share in (0.1, 0.5)]
    longest = {"architecture": {"name": "dcgan"}, "pieces": pieces, "machine": MACHINE}
    short = {"architecture": {"name": "vae"}, "pieces": pieces[:1], "machine": MACHINE}
    found = {"held": 10, "learned": 20, "kinds": {"real": GOOD}, "machine": MACHINE}
    results = {"generator-vae-1": short, "generator-dcgan-1": longest}
    lines = microstructure_tables.orderings(found, results)
    assert [line.split(" | ")[0] for line in lines[3:5]] == ["| dcgan, early", "| dcgan, late"]
    assert lines[4].endswith("| 50.0 |")


def test_generators_are_listed_best_first_with_all_their_pieces():
    def row(valid):
        return {"pieces": [PIECE, PIECE | {"valid": valid}], "machine": MACHINE}

    judged = {"images": 1000, "accepted": 200, "tried": 400, "seconds_an_image": 0.1}
    better = row(0.1) | {"judged": GOOD | judged | {"seconds_an_accepted_image": 0.2}}
    lines = microstructure_tables.generators({"generator-a-1": row(0.4), "generator-b-1": better})
    assert lines[2] == "| b-1 | 200 | 100 | 1,000 | 97.0 | 0.1 | 0.020 | 0.100 | 2.00 | 0.200 |"
    assert lines[3] == "| a-1 | 200 | 100 | 100 | 40.0 | 0.1 | 0.020 |  |  |  |"


def test_blocks_of_a_page_are_replaced():
    page = "before\n<!-- a -->\nold\n<!-- /a -->\nbetween\n<!-- b -->\n<!-- /b -->\n"
    assert microstructures.refresh(page, {"a": ["new", "lines"], "b": []}) == page.replace(
        "old", "new\nlines"
    )
    with pytest.raises(AssertionError, match="block 'c'"):
        microstructures.refresh(page, {"c": []})


def test_the_page_is_what_the_results_say():
    files = sorted(microstructures.FOLDER.glob("*.json"))
    results = {file.stem: json.loads(file.read_text()) for file in files}
    page = (HERE.parent / "docs" / "microstructures.md").read_text("utf-8")
    assert microstructures.refresh(page, microstructure_tables.tables(results)) == page
