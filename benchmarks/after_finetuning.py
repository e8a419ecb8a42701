"""What the winners of ``benchmarks.search_quality`` are worth after a short fine-tune.

    python -m benchmarks.after_finetuning --network resnet20 --target 0.7

Every winner that has a result file is fine-tuned alike: one epoch on ``IMAGES`` training
images, with the dense network as its teacher.  Agents that found the same widths share one
fine-tune, and one that is there is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from benchmarks import hardware, parents
from benchmarks.page import write
from benchmarks.search_quality import RESULTS, Bench, bench
from search.home import Home
from secateur.spec import FinetuneSpec

FOLDER = "finetuned"
"""Below the results of the runs."""

IMAGES = 10_000
SPEC = FinetuneSpec(epochs=1)
COMMAND = "python -m benchmarks.after_finetuning"


def name(network: str, widths: Sequence[int]) -> str:
    """Of the file of one policy's result."""
    digest = hashlib.sha256(json.dumps(list(widths)).encode()).hexdigest()[:12]
    return f"{network}-{digest}"


def winners(results: Path, network: str, targets: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """Widths of the winners of all runs of a network, each once."""
    seen = set()
    for file in sorted(results.glob(f"{network}-*.json")):
        run = json.loads(file.read_text())
        widths = tuple(run["widths"])
        if widths not in seen and (not targets or run["target"] in targets):
            seen.add(widths)
            yield widths


def record(network: str, widths: tuple[int, ...], tools: Bench, folder: Path) -> None:
    """Fine-tune one policy and write its JSON, where it is not there yet."""
    file = folder / f"{name(network, widths)}.json"
    if file.exists():
        return
    content = {
        "network": network,
        "widths": widths,
        "accuracy": tools.finetuned(widths, SPEC, IMAGES),
        "images": IMAGES,
        "spec": SPEC.model_dump(mode="json"),
        "machine": {**hardware.facts(), "command": f"{COMMAND} --network {network}"},
    }
    write(file, content)
    print(f"{file.stem}: {content['accuracy']:.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", action="append", choices=sorted(parents.PARENTS))
    parser.add_argument("--target", action="append", type=float, default=[])
    parser.add_argument("--images", type=Path, default=Path("~/data/cifar10-jpeg").expanduser())
    parser.add_argument("--home", type=Path, default=Home.find().folder)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for network in given.network or sorted(parents.PARENTS):
        tools = bench(network, Home(given.home.absolute()), given.images)
        for widths in winners(given.results, network, given.target):
            record(network, widths, tools, given.results / FOLDER)


if __name__ == "__main__":
    main()
