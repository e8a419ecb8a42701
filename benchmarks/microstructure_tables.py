"""The tables of ``docs/microstructures.md``, from the results alone."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.page import Result, measured_on, table

Lines = list[str]

LOW_IS_GOOD = {
    "volume_fraction_distance": "Volume fraction",
    "two_point_distance": "Two-point",
    "lineal_path_distance": "Lineal path",
    "unexplained": "Unexplained",
}
"""Measures that are 0 at best, by the title of their column."""

VALID = "valid"
_CLEARLY = 1.5  # times as high as for real images: a measure sees the difference


def tables(results: Mapping[str, Result]) -> dict[str, Lines]:
    """Blocks of the page, by name; those without results say so."""
    names = ("validity", "costs", "orderings", "generators")
    blocks: dict[str, Lines] = {name: ["Not played yet."] for name in names}
    if found := results.get("validity"):
        blocks["validity"], blocks["costs"] = validity(found), costs(found)
    if found := results.get("orderings"):
        blocks["orderings"] = orderings(found, results)
    trained = {name: one for name, one in results.items() if name.startswith("generator-")}
    if trained:
        blocks["generators"] = generators(trained)
    return blocks


def validity(found: Result) -> Lines:
    """Shares that pass, by kind of image and shape of the inclusions."""
    shapes = found["shapes"]
    kinds = shapes["discs"]["kinds"]
    head = ["Images", *(f"{shape}, % that pass" for shape in shapes), "what turns discs away"]
    rows = [
        [
            "real, held out" if kind == "real" else kind,
            *(f"{100 * one['kinds'][kind]['passed']:.1f}" for one in shapes.values()),
            _reasons(kinds[kind]["turned away"]),
        ]
        for kind in kinds
    ]
    return [
        *table(head, rows),
        "",
        f"{found['held']:,} images of each kind, by a rule learned from {found['learned']:,} "
        f"others. {measured_on(found['machine'])}.",
    ]


def _reasons(alone: Mapping[str, float]) -> str:
    """The three figures that turn most away by themselves."""
    most = sorted(alone.items(), key=lambda item: -item[1])[:3]
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in most if share >= 0.005)


def costs(found: Result) -> Lines:
    """CPU seconds a thousand images."""
    rows = [[name, f"{seconds:.2f}"] for name, seconds in found["costs"].items()]
    return table(["For 1,000 images of 64x64", "CPU seconds"], rows)


def orderings(found: Result, results: Mapping[str, Result]) -> Lines:
    """Every measure of every kind of images; what a measure does not see is in brackets."""
    kinds = dict(found["kinds"])
    if pair := _early_and_late(results):
        kinds |= pair
    real = kinds["real"]
    rows = [
        [kind, *(_shown(figures, real, name) for name in LOW_IS_GOOD), _valid(figures, real)]
        for kind, figures in kinds.items()
    ]
    return [
        *table(["Images", *LOW_IS_GOOD.values(), "Valid, %"], rows),
        "",
        f"{found['held']:,} images of each kind against {found['learned']:,} real ones. In "
        f"brackets: less than {_CLEARLY:g} times the value of other real images, so that the "
        f"measure does not see the difference. {measured_on(found['machine'])}.",
    ]


def _early_and_late(results: Mapping[str, Result]) -> dict[str, Result]:
    """The first and the last piece of the longest training."""
    trained = [one for name, one in results.items() if name.startswith("generator-")]
    longest = max(trained, key=lambda one: len(one["pieces"]), default=None)
    if longest is None or len(longest["pieces"]) < 2:
        return {}
    first, last = longest["pieces"][0], longest["pieces"][-1]
    name = longest["architecture"]["name"]
    return {f"{name}, early": first, f"{name}, late": last}


def _shown(figures: Result, real: Result, name: str) -> str:
    text = f"{figures[name]:.4f}"
    seen = figures is real or figures[name] >= _CLEARLY * real[name]
    return text if seen else f"({text})"


def _valid(figures: Result, real: Result) -> str:
    text = f"{100 * figures[VALID]:.1f}"
    seen = figures is real or figures[VALID] < 0.9 * real[VALID]
    return text if seen else f"({text})"


def generators(trained: Mapping[str, Result]) -> Lines:
    """What was trained, for how long, and what came of it; the best first."""
    rows = sorted((_generator(name, one) for name, one in trained.items()), key=_by_validity)
    head = ["Generator", "Steps", "CPU s", "Images", "Valid, %", "Unexplained, %", "Two-point",
            "CPU s an image", "tried for each valid one", "CPU s each"]  # fmt: skip
    first = next(iter(trained.values()))
    return [*table(head, rows), "", f"{measured_on(first['machine'])}."]


def _by_validity(row: list[str]) -> float:
    return -float(row[4])


def _generator(name: str, one: Result) -> list[str]:
    pieces = one["pieces"]
    judged = one.get("judged") or pieces[-1] | {"images": 100}
    valid, count = judged[VALID], judged["images"]
    return [
        name.removeprefix("generator-"),
        f"{sum(piece['steps'] for piece in pieces):,}",
        f"{sum(piece['seconds'] for piece in pieces):,.0f}",
        f"{count:,}",
        f"{100 * valid:.1f}",
        f"{100 * judged['unexplained']:.1f}",
        f"{judged['two_point_distance']:.3f}",
        *_costs(judged),
    ]


def _costs(judged: Result) -> list[str]:
    each = [f"{judged['seconds_an_image']:.3f}"] if "seconds_an_image" in judged else [""]
    if "tried" not in judged:
        return [*each, "", ""]
    return [
        *each,
        f"{judged['tried'] / judged['accepted']:.2f}",
        f"{judged['seconds_an_accepted_image']:.3f}",
    ]
