"""The headline table: VGG-19, ResNet-34 and ResNets of the CIFAR family, pruned on CIFAR-10.

    python -m benchmarks.cifar10 --network resnet56 --stage train --minutes 9

plays one stage for at most nine minutes and goes on where it stopped when it is asked again;
it ends with status 75 where there is more to do.  The stages of one network and seed:
``train``, then ``search`` and ``finetune`` by each ``--protocol``, in this order; ``all`` plays
what is left of them, and ``table`` writes ``docs/benchmarks.md``.  A finished stage has a JSON
in ``benchmarks/results/cifar10`` and is not played again.

Images are those of torchvision's CIFAR-10 below ``SECATEUR_DATA``, or of ``--data cifar10-jpeg``
in the class folders of ``--images``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks import page
from benchmarks.cifar10 import finetuning, searching, training
from benchmarks.cifar10.case import DATA, RESULTS, Case
from benchmarks.cifar10.clock import ChunkOverError
from benchmarks.cifar10.efforts import EFFORTS
from benchmarks.cifar10.protocols import PROTOCOLS
from benchmarks.cifar10.subjects import SUBJECTS
from search.home import Home
from secateur.errors import SecateurError

UNFINISHED = 75
"""Of sysexits.h: try again later."""


def asked(stage: str, protocols: list[str]) -> Iterator[tuple[str, str]]:
    """(stage, protocol) in the order in which they are played; training has no protocol."""
    if stage in ("train", "all"):
        yield "train", ""
    for protocol in protocols:
        if stage in ("search", "all") and PROTOCOLS[protocol].prune is not None:
            yield "search", protocol
        if stage in ("finetune", "all"):
            yield "finetune", protocol


def play(case: Case, stage: str, protocol: str, minutes: float | None) -> None:
    """Play one stage, where its result is not there yet.

    Raises:
        ChunkOverError: there is more to do.
    """
    name = f"{stage}-{protocol}" if protocol else stage
    if case.result(name).exists():
        print(f"{case.name} {name}: kept")
        return
    assert case.dataset  # read before the clock runs
    clock = case.clock(name, minutes)
    if stage == "train":
        training.play(case, clock)
    else:
        {"search": searching, "finetune": finetuning}[stage].play(case, protocol, clock)
    print(f"{case.name} {name}: done after {clock.seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--network", choices=SUBJECTS)
    stages = ("train", "search", "finetune", "table", "all")
    parser.add_argument("--stage", choices=stages, default="all")
    parser.add_argument("--protocol", action="append", choices=PROTOCOLS, help="all by default")
    parser.add_argument("--effort", choices=EFFORTS, default="full")
    parser.add_argument("--data", choices=DATA, default="cifar10")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="of this chunk; no bound by default")
    parser.add_argument("--images", type=Path, default=Path("~/data/cifar10-jpeg").expanduser())
    parser.add_argument("--home", type=Path, default=Home.find().folder)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    if given.stage == "table":
        page.main()
        return
    if given.network is None:
        parser.error(f"--network: expected one of {', '.join(SUBJECTS)}")
    torch.set_num_threads(given.threads)
    home = given.home.absolute()
    case = Case(
        given.network, given.data, given.effort, given.seed, given.images, home, given.results
    )
    try:
        for stage, protocol in asked(given.stage, given.protocol or list(PROTOCOLS)):
            play(case, stage, protocol, given.minutes)
    except ChunkOverError:
        sys.exit(UNFINISHED)
    except SecateurError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
