"""Measures of microstructures on images whose order is known, and generators trained on them.

    python -m benchmarks.microstructures validity
    python -m benchmarks.microstructures orderings
    python -m benchmarks.microstructures train diffusion --seconds 200
    python -m benchmarks.microstructures judge diffusion
    python -m benchmarks.microstructures page

Results lie in ``benchmarks/results/microstructures``; ``page`` puts them as tables into
``docs/microstructures.md``. ``train`` adds a piece to what was trained before.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import torch

from benchmarks import hardware, microstructure_generators, microstructure_tables
from benchmarks.page import HERE, RESULTS, Result, read, write
from secateur.data.microstructures import simulate, simulate_overlapping
from secateur.judging.microstructures.correlation import two_point_correlation
from secateur.judging.microstructures.damages import DAMAGES, Pixels
from secateur.judging.microstructures.lineal_path import lineal_path
from secateur.judging.microstructures.measures import MicrostructureMeasures
from secateur.judging.microstructures.phases import bright, levels
from secateur.judging.microstructures.shapes import shapes
from secateur.judging.validity import ValidityRule, learn, within
from secateur.spec import MicrostructuresData

FOLDER = RESULTS / "microstructures"
PAGE = HERE.parent / "docs" / "microstructures.md"
LEARNED, HELD = 2000, 1000
_LEARN_SEED, _HELD_SEED, _DAMAGE_SEED = 1, 2, 3
_SHAPES = ("discs", "fibres")


def validity() -> Result:
    """What passes the test: other real images, and each kind of damage."""
    found = {}
    for shape in _SHAPES:
        spec = MicrostructuresData(shape=shape)
        rule = learn(simulate(spec, LEARNED, _LEARN_SEED).pixels)
        kinds = {"real": simulate(spec, HELD, _HELD_SEED).pixels, **damaged(spec)}
        found[shape] = {"rule": rule.model_dump(), "kinds": _passed(kinds, rule)}
    return {"learned": LEARNED, "held": HELD, "shapes": found, "costs": costs()}


def damaged(spec: MicrostructuresData) -> dict[str, Pixels]:
    """Held-out images with each kind of damage."""
    held = simulate(spec, HELD, _HELD_SEED).pixels
    kinds = {
        name: damage(held, np.random.default_rng(_DAMAGE_SEED)) for name, damage in DAMAGES.items()
    }
    overlapping = simulate_overlapping(spec, HELD, _HELD_SEED).pixels
    return {**kinds, "overlapping inclusions": overlapping}


def _passed(kinds: dict[str, Pixels], rule: ValidityRule) -> Result:
    """By kind: the share that passes, and the shares that each figure alone turns away."""
    found = {}
    for kind, images in kinds.items():
        figures = shapes(levels(images))
        alone = {name: 1 - float(within(figures, only(rule, name)).mean()) for name in rule.bounds}
        found[kind] = {"passed": float(within(figures, rule).mean()), "turned away": alone}
    return found


def only(rule: ValidityRule, figure: str) -> ValidityRule:
    """The rule with the bounds of one figure alone."""
    return rule.model_copy(update={"bounds": {figure: rule.bounds[figure]}})


def costs() -> dict[str, float]:
    """CPU seconds a thousand images, of one thread."""
    spec = MicrostructuresData()
    images = simulate(spec, LEARNED, _LEARN_SEED).pixels[:1000]
    grey = levels(images)
    phase = bright(grey)
    steps: dict[str, Callable[[], object]] = {
        "simulator, discs": lambda: simulate(spec, 1000, 0),
        "simulator, fibres": lambda: simulate(MicrostructuresData(shape="fibres"), 1000, 0),
        "two-point correlation": lambda: two_point_correlation(phase),
        "lineal path": lambda: lineal_path(phase),
        "validity test, with its circles": lambda: shapes(grey),
    }
    return {name: _seconds(step) for name, step in steps.items()}


def _seconds(step: Callable[[], object]) -> float:
    began = time.process_time()
    step()
    return time.process_time() - began


def orderings() -> Result:
    """All measures of sets of images that grow worse."""
    spec = MicrostructuresData()
    real = simulate(spec, LEARNED, _LEARN_SEED).pixels
    held = simulate(spec, HELD, _HELD_SEED).pixels
    measures = MicrostructureMeasures(real, learn(real), searched=HELD)
    twenty = held[np.arange(HELD) % (HELD // 50)]
    kinds = {"real": held, "fifty times each": twenty, **damaged(spec)}
    return {
        "learned": LEARNED,
        "held": HELD,
        "kinds": {kind: measures(images) for kind, images in kinds.items()},
    }


def refresh(text: str, tables: dict[str, list[str]]) -> str:
    """``text`` with its blocks between ``<!-- name -->`` and ``<!-- /name -->`` replaced."""
    for name, lines in tables.items():
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        body = "\n".join(lines) + "\n" if lines else ""
        text, count = block.subn(lambda found, body=body: found[1] + body + found[2], text)
        assert count == 1, f"the page has one block {name!r}"
    return text


def _page() -> None:
    results = {file.stem: read(file) or {} for file in sorted(FOLDER.glob("*.json"))}
    tables = microstructure_tables.tables(results)
    PAGE.write_text(refresh(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


def _record(name: str, measure: Callable[[], Result]) -> None:
    facts = hardware.facts()
    write(FOLDER / f"{name}.json", {**measure(), "machine": {**facts, "threads": 1}})


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("validity", "orderings", "page"):
        commands.add_parser(name)
    for name in ("train", "judge"):
        command = commands.add_parser(name)
        command.add_argument("generator", choices=sorted(microstructure_generators.GENERATORS))
        command.add_argument("--seed", type=int, default=1)
        if name == "train":
            command.add_argument("--seconds", type=float, default=200)
        else:
            command.add_argument("--images", type=int, default=1000)
    given: Any = parser.parse_args(arguments)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    if given.command == "page":
        _page()
    elif given.command in ("train", "judge"):
        microstructure_generators.run(given, FOLDER)
    else:
        _record(given.command, validity if given.command == "validity" else orderings)


if __name__ == "__main__":
    main()
