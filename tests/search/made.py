"""Made-up records and processes that tests of several kinds of jobs share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from search.ledger import Ledger
from secateur.records import Episode, PruningResult
from secateur.spec import AnySpec

_HOLD = """
import sys
from pathlib import Path
from search.ledger import Ledger
from secateur.spec import parse
held = Ledger(Path(sys.argv[1])).held(parse({"name": "job", "data": {"kind": "digits"}}))
held.__enter__()
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the digits job of a folder, until it is told or killed."""
    command = [sys.executable, "-c", _HOLD, str(folder)]
    with subprocess.Popen(command, stdin=-1, stdout=-1) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def found_by_agents(
    targets: Sequence[tuple[float, tuple[int, ...], int]],
    groups: Mapping[str, int],
    rewards: Sequence[float],
) -> tuple[PruningResult, ...]:
    """What agents found: all episodes of a target alike but for what they earned.

    Args:
        targets: each with the chosen widths and their FLOPs, of 1,000.
        groups: widths of the dense network.
        rewards: of the episodes; the last is the chosen policy's accuracy too.
    """
    return tuple(
        PruningResult(
            target=target,
            agent="ddpg",
            widths=widths,
            accuracy=rewards[-1],
            dense_flops=1000,
            flops=flops,
            groups=tuple(groups),
            dense_widths=tuple(groups.values()),
            episodes=tuple(
                Episode(number=number, widths=widths, reward=reward, flops=flops, noise=0.5)
                for number, reward in enumerate(rewards)
            ),
        )
        for target, widths, flops in targets
    )


def written(
    folder: Path, spec: AnySpec, kinds: Mapping[str, Any], stages: Mapping[str, Any]
) -> Ledger:
    """The folder of a job with the records of its stages, each of its kind."""
    ledger = Ledger(folder)
    with ledger.held(spec):
        for stage, found in stages.items():
            ledger.write(stage, kinds[stage], found)
    return ledger
