"""The folder of a job that never ran, as large as asked for."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from search.front import choose, front
from search.ledger import Ledger
from secateur.records import (
    Architecture,
    Episode,
    EpochMetrics,
    EvaluatedModel,
    Evaluation,
    Figures,
    FinetuneResult,
    PruningResult,
    Publication,
    Recipe,
    SearchResult,
    TrialRecord,
)
from secateur.spec import JobSpec, parse

EPOCHS = 18
DENSE = (32, 32, 64, 64, 128, 128)
GROUPS = tuple(f"stage{number}.conv" for number in range(len(DENSE)))
NETWORKS: list[dict[str, Any]] = [
    {"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": [64, 128, 256]},
    {"kind": "lenet", "width": [1.0, 2.0, 4.0], "pooling": ["max", "average"]},
    {"kind": "resnet", "depth": {"low": 1, "high": 3}, "width": [8, 16, 32]},
]
KINDS: dict[str, dict[str, list[Any]]] = {
    "mlp": {"depth": [1, 2, 3], "width": [64, 128, 256]},
    "lenet": {"width": [1.0, 2.0, 4.0], "pooling": ["max", "average"]},
    "resnet": {"depth": [1, 2, 3], "width": [8, 16, 32]},
}

ENDS = {"finished": 48, "stopped": 50, "failed": 2}
"""How trials end, and how often of a hundred."""


def synthetic_job(folder: Path, trials: int, seed: int = 0) -> Ledger:
    """Write the records of a finished job with so many trials.

    Args:
        folder: of the job, whose name is the job's.
        trials: at least 3; about half are stopped early, and one in fifty fails.
        seed: of the job, and of all that is drawn.
    """
    chance = random.Random(seed)
    spec = parse(
        {
            "name": folder.name,
            "seed": seed,
            "data": {"kind": "digits"},
            "search": {"trials": trials, "epochs": EPOCHS, "networks": NETWORKS},
        }
    )
    ledger = Ledger(folder)
    with ledger.held(spec):
        ledger.write("search", SearchResult, _searched(spec, trials, chance))
        pruned = tuple(_pruned(target, chance) for target in (0.5, 0.75))
        ledger.write("prune", tuple[PruningResult, ...], pruned)
        tuned = tuple(_tuned(result) for result in pruned)
        ledger.write("finetune", tuple[FinetuneResult, ...], tuned)
        ledger.write("evaluate", Evaluation, _evaluation(tuned, chance))
        ledger.write("publish", Publication, Publication(name=folder.name, version="1"))
    return ledger


def _searched(spec: JobSpec, trials: int, chance: random.Random) -> SearchResult:
    records = tuple(_trial(number, chance) for number in range(trials))
    ahead = front(spec.search, records)
    return SearchResult(
        trials=records,
        best=choose(spec.search, records),
        artifact="models/dense",
        front=tuple(trial.number for trial in ahead),
        data_digest="0" * 64,
    )


def _trial(number: int, chance: random.Random) -> TrialRecord:
    kind = chance.choice(list(KINDS))
    arguments = {field: chance.choice(values) for field, values in KINDS[kind].items()}
    # The first always finishes, so that one can win.
    status = chance.choices(list(ENDS), list(ENDS.values()))[0] if number else "finished"
    return TrialRecord(
        number=number,
        architecture=Architecture(
            name=kind, arguments=arguments, input_shape=(1, 8, 8), classes=10
        ),
        recipe=Recipe(
            optimizer=chance.choice(["adam", "momentum"]),
            learning_rate=10 ** chance.uniform(-3, -1.3),
            weight_decay=10 ** chance.uniform(-6, -2),
            batch_size=chance.choice([32, 64]),
            epochs=EPOCHS,
        ),
        accuracy=None if status == "failed" else 1 - chance.betavariate(1.5, 12),
        epochs={"finished": EPOCHS, "stopped": chance.choice([2, 6]), "failed": 0}[status],
        status=status,
        flops=None if status == "failed" else int(10 ** chance.uniform(4.5, 7)),
    )


def _pruned(target: float, chance: random.Random) -> PruningResult:
    episodes = tuple(
        Episode(
            number=number,
            widths=tuple(chance.randrange(dense // 4, dense) for dense in DENSE),
            reward=chance.uniform(0.3, 0.9),
            flops=int(1e6 * (1 - target)),
            noise=0.4 * 0.98**number,
        )
        for number in range(60)
    )
    best = max(episodes, key=lambda episode: episode.reward)
    return PruningResult(
        target=target, agent="ddpg", widths=best.widths, accuracy=best.reward,
        dense_flops=1_000_000, flops=best.flops, groups=GROUPS, dense_widths=DENSE,
        episodes=episodes, front=(best,),
    )  # fmt: skip


def _tuned(pruned: PruningResult) -> FinetuneResult:
    epochs = tuple(
        EpochMetrics(
            epoch=epoch,
            train_loss=1 / epoch,
            validation_loss=1.1 / epoch,
            validation_accuracy=0.97 - 0.3 / epoch,
            last=epoch == EPOCHS,
        )
        for epoch in range(1, EPOCHS + 1)
    )
    folder = f"models/flops-{pruned.target:g}"
    return FinetuneResult(
        target=pruned.target,
        artifact=folder,
        accuracy=epochs[-1].validation_accuracy,
        epochs=epochs,
    )


def _evaluation(tuned: tuple[FinetuneResult, ...], chance: random.Random) -> Evaluation:
    return Evaluation(
        dense=_model(0.0, "models/dense", 0.965, chance),
        compressed=tuple(_model(one.target, one.artifact, one.accuracy, chance) for one in tuned),
        chosen=len(tuned) - 1,
    )


def _model(target: float, artifact: str, accuracy: float, chance: random.Random) -> EvaluatedModel:
    left = (1 - target) * chance.uniform(0.95, 1)
    figures = Figures(
        accuracy=accuracy - chance.uniform(0, 0.01), flops=int(1e6 * left),
        parameters=int(3e5 * left), size_bytes=int(1.2e6 * left), latency_ms=0.1 * left,
    )  # fmt: skip
    return EvaluatedModel(
        target=target, artifact=artifact, validation_accuracy=accuracy, figures=figures
    )
