"""One vocabulary of metric, parameter and tag names for all stages.

Shares and accuracies lie in [0, 1]; steps are epochs (from 1) or episodes (from 0), those of
what was spent count how often the job was begun (from 0), and those of the machine's load its
samples.  A name stands for the same thing on every run that has it.

Parameters of a job's run, and of its stages, agents and fine-tunes, are named as the fields of
the job file, ``prune.agent.kind``; those of a trial as the dimensions, ``resnet.width``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from secateur.records import AnyFigures, Figures, Likeness, TaskKind

T = TypeVar("T")

TRAIN_LOSS = "train/loss"
VALIDATION_LOSS = "validation/loss"
VALIDATION_ACCURACY = "validation/accuracy"
TEST_ACCURACY = "test/accuracy"
# Of a regression, in place of the accuracy, and its errors.
VALIDATION_R2 = "validation/r2"
TEST_R2 = "test/r2"
TEST_MSE = "test/mse"
TEST_MAE = "test/mae"
# Of the model in 8-bit integers.
INT8_TEST_ACCURACY = "test/accuracy_int8"

# Of generators: losses by their name, processor time of the training alone, and how like real
# images theirs are, to those that they are chosen by or those of the test split.
GENERATIVE_LOSSES = {
    loss: f"train/{loss}_loss"
    for loss in (
        "generator", "critic", "reconstruction", "divergence", "denoising", "further", "imitation"
    )
}  # fmt: skip
TRAIN_CPU_SECONDS = "train/cpu_seconds"
VALIDATION_DISTANCE = "validation/distance"
VALIDATION_KERNEL_DISTANCE = "validation/kernel_distance"
VALIDATION_COVERAGE = "validation/coverage"
TEST_DISTANCE = "test/distance"
TEST_KERNEL_DISTANCE = "test/kernel_distance"
TEST_COVERAGE = "test/coverage"
# Of a pruned generator: how little its images differ from the dense one's.
VALIDATION_CLOSENESS = "validation/closeness"
FURTHER = "validation/further/"
"""Before the names of measures of one kind of data."""

REWARD = "episode/reward"
BEST_REWARD = "episode/best_reward"
NOISE = "episode/noise"
FLOPS_CUT = "flops_cut"

FLOPS = "cost/flops"
PARAMETERS = "cost/parameters"
SIZE_BYTES = "cost/size_bytes"
LATENCY_MS = "cost/latency_ms"

# Of a stage, or of the whole job, over all times that it was begun.
CPU_HOURS = "spent/cpu_hours"
GPU_HOURS = "spent/gpu_hours"
HOURS = "spent/hours"

MEASURED = (
    TEST_ACCURACY, TEST_R2, TEST_MSE, TEST_MAE, TEST_DISTANCE, TEST_KERNEL_DISTANCE,
    TEST_COVERAGE, FLOPS, PARAMETERS, SIZE_BYTES, LATENCY_MS
)  # fmt: skip
"""What the evaluation measures of a network."""

_DENSE = "dense/"

SYSTEM = "system/"
"""Before the names that MLflow gives to the load of a machine; its UI has a tab for them."""

METRICS = frozenset(
    (
        TRAIN_LOSS, VALIDATION_LOSS, VALIDATION_ACCURACY, VALIDATION_R2, INT8_TEST_ACCURACY,
        *GENERATIVE_LOSSES.values(), TRAIN_CPU_SECONDS, VALIDATION_DISTANCE,
        VALIDATION_KERNEL_DISTANCE, VALIDATION_COVERAGE, VALIDATION_CLOSENESS,
        REWARD, BEST_REWARD, NOISE, FLOPS_CUT, CPU_HOURS, GPU_HOURS, HOURS,
        *MEASURED, *(f"{_DENSE}{name}" for name in MEASURED),
    )
)  # fmt: skip
"""All metrics but those of the machine's load and the further measures."""

# Parameters beside the fields of the job file and the dimensions of a trial.
DATA = "data.name"
DATA_DIGEST = "data.digest"
SPLIT_DIGEST = "data.split_digest"
SKIPPED = "data.skipped"
SPEC_DIGEST = "spec.digest"
TARGET = "target"
SEED = "seed"
NETWORK = "network"
PARAMETER_NAMES = frozenset(
    (DATA, DATA_DIGEST, SPLIT_DIGEST, SKIPPED, SPEC_DIGEST, TARGET, SEED, NETWORK)
)

# Tags of runs. Those of MLflow have columns and places of their own in its UI.
NOTE = "mlflow.note.content"
USER = "mlflow.user"
SOURCE = "mlflow.source.name"
SOURCE_TYPE = "mlflow.source.type"
SOURCE_COMMIT = "mlflow.source.git.commit"
SOURCE_DIRTY = "mlflow.source.git.dirty"
STOP_REASON = "stop_reason"
STAGE = "stage"
# On the trial, the agents, the fine-tune and the evaluated network that led to what is published.
WINNER = "secateur.winner"
MODEL = "model.name"
MODEL_VERSION = "model.version"
MACHINE = "machine."
VERSIONS = "version."
RUN_TAGS = frozenset(
    (
        STOP_REASON, STAGE, WINNER, MODEL, MODEL_VERSION,
        *(f"{MACHINE}{fact}" for fact in ("processor", "cores", "memory", "gpus")),
        *(f"{VERSIONS}{name}" for name in (
            "secateur", "python", "torch", "ray", "mlflow", "onnxruntime"
        )),
    )
)  # fmt: skip
"""All tags of runs but MLflow's own and those that the tracker finds runs by."""

# Tags of a registered version, beside its figures under the names of metrics.
JOB = "job"
POLICY = "policy"
COMMIT = "git.commit"
DIRTY = "git.dirty"
PARENT_ARTIFACT = "parent.artifact"
PARENT_DIGEST = "parent.manifest_sha256"
PARENT_RUN = "parent.run"
VERSION_TAGS = frozenset(
    (
        JOB, TARGET, POLICY, COMMIT, DIRTY, DATA, DATA_DIGEST, SPLIT_DIGEST, SPEC_DIGEST,
        PARENT_ARTIFACT, PARENT_DIGEST, PARENT_RUN, *METRICS,
    )
)  # fmt: skip
"""All tags of versions but the registry's own."""

# Aliases of a registered model's versions: the one that applications are answered by, and the
# one that may become it.
CHAMPION = "champion"
CHALLENGER = "challenger"


def validation_score(task: TaskKind) -> str:
    """Name of the task's score on the validation split."""
    return VALIDATION_R2 if task == "regression" else VALIDATION_ACCURACY


def test_figures(figures: Figures) -> dict[str, float]:
    """How good a network is on the test split, by name."""
    if figures.mse is None or figures.mae is None:
        return {TEST_ACCURACY: figures.accuracy}
    return {TEST_R2: figures.accuracy, TEST_MSE: figures.mse, TEST_MAE: figures.mae}


def generative_losses(losses: Mapping[str, float]) -> dict[str, float]:
    """The losses of a training of a generator, by name."""
    return {GENERATIVE_LOSSES[name]: value for name, value in losses.items()}


def likeness(judged: Likeness) -> dict[str, float]:
    """How like the images that generators are chosen by a generator's are, by name."""
    return {
        VALIDATION_DISTANCE: judged.distance,
        VALIDATION_KERNEL_DISTANCE: judged.kernel_distance,
        VALIDATION_COVERAGE: judged.coverage,
        **{f"{FURTHER}{name}": value for name, value in judged.figures.items()},
    }


def test_likeness(judged: Likeness) -> dict[str, float]:
    """How like the images of the test split a generator's are, by name."""
    return {
        TEST_DISTANCE: judged.distance,
        TEST_KERNEL_DISTANCE: judged.kernel_distance,
        TEST_COVERAGE: judged.coverage,
    }


def measured(figures: AnyFigures) -> dict[str, float]:
    """All that the evaluation measured of a network, by name."""
    if isinstance(figures, Figures):
        reached = test_figures(figures)
    else:
        reached = test_likeness(figures.likeness)
    return {
        **reached,
        FLOPS: figures.flops,
        PARAMETERS: figures.parameters,
        SIZE_BYTES: figures.size_bytes,
        LATENCY_MS: figures.latency_ms,
    }


def of_dense(values: Mapping[str, T]) -> dict[str, T]:
    """The same of the dense parent, beside those of what became of it."""
    return {f"{_DENSE}{name}": value for name, value in values.items()}
