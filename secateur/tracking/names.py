"""One vocabulary of metric, parameter and tag names for all stages.

Shares and accuracies lie in [0, 1]; steps are epochs (from 1) or episodes (from 0).
"""

TRAIN_LOSS = "train/loss"
VALIDATION_LOSS = "validation/loss"
VALIDATION_ACCURACY = "validation/accuracy"
TEST_ACCURACY = "test/accuracy"

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
