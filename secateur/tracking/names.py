"""One vocabulary of metric, parameter and tag names for all stages.

Shares and accuracies lie in [0, 1]; steps are epochs (from 1) or episodes (from 0).
"""

from __future__ import annotations

from secateur.records import Figures, TaskKind

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

REWARD = "episode/reward"
BEST_REWARD = "episode/best_reward"
NOISE = "episode/noise"
FLOPS_CUT = "flops_cut"

FLOPS = "cost/flops"
PARAMETERS = "cost/parameters"
SIZE_BYTES = "cost/size_bytes"
LATENCY_MS = "cost/latency_ms"

STOP_REASON = "stop_reason"
STAGE = "stage"

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
