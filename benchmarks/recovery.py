"""How should a network that was pruned recover, and when should it be pruned at all?

    SECATEUR_DATA=... python -m benchmarks.recovery

A LeNet on MNIST is cut to one and the same widths, uniform at ``TARGET``, in every way that
the library knows, and judged on the test split.  Every row has the same epochs in all: what
begins with a trained network has ``EPOCHS`` for it and as many for its recovery (rewinding
repeats its early epochs, which count); what is trained once has twice as many.  One JSON a
row and seed; one that is there is kept.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks import hardware
from benchmarks.page import write
from benchmarks.recovery_rows import CUTS, DISTILLATION, EPOCHS, ROWS, TARGET, Subject
from secateur import data
from secateur.compression.counter import count
from secateur.compression.unstructured import zeros_of
from secateur.data import Dataset
from secateur.spec import FinetuneSpec, MNISTData, RewindSpec
from secateur.training.evaluation import score

RESULTS = Path(__file__).parent / "results" / "recovery"
DATA = MNISTData(validation=0.1, limit=12_000)
SEEDS = (1, 2, 3)


def record(row: str, subject: Subject, results: Path) -> None:
    """Train a row and write its JSON, where it is not there yet."""
    file = results / f"{row}-{subject.seed}.json"
    if file.exists():
        return
    dense = subject.dense  # its training is no part of the row's own seconds
    facts, began = hardware.facts(), time.process_time()
    network = ROWS[row](subject)
    seconds = time.process_time() - began
    content = {
        "row": row,
        "seed": subject.seed,
        "settings": settings(),
        "widths": subject.widths,
        **measures(network, subject.data),
        "dense": measures(dense, subject.data),
        "seconds": round(seconds, 2),
        "machine": {**facts, "threads": torch.get_num_threads()},
    }
    write(file, content)
    print(f"{row} {subject.seed}: {content['accuracy']:.4f} in {seconds:.0f} s", flush=True)


def settings() -> dict[str, Any]:
    """What all rows share, as the page quotes it."""
    return {
        "network": "lenet",
        "data": DATA.kind,
        "images": DATA.limit,
        "validation": DATA.validation,
        "target": TARGET,
        "epochs": EPOCHS,
        "cuts": CUTS,
        "distillation": DISTILLATION,
        "temperature": FinetuneSpec().temperature,
        "learning_rate_factor": FinetuneSpec().learning_rate_factor,
        "rewind_epoch": RewindSpec().early(EPOCHS),
    }


def measures(network: nn.Module, found: Dataset) -> dict[str, float | int]:
    """Accuracy on the test split, and what the network costs; zeros count as any value."""
    cost = count(network, found.input_shape)
    return {
        "accuracy": score(network, found.test, found.mean, found.std).accuracy,
        "flops": cost.flops,
        "parameters": cost.parameters,
        "zeros": zeros_of(network),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--row", action="append", choices=ROWS)
    parser.add_argument("--seed", action="append", type=int)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = data.load(DATA, 0)
    for seed in arguments.seed or SEEDS:
        subject = Subject(seed, found)
        for row in arguments.row or ROWS:
            record(row, subject, RESULTS)


if __name__ == "__main__":
    main()
