"""Keys of the runs of a job, unique in it; a run goes by its key wherever it is spoken of."""

from __future__ import annotations

JOB = "job"


def trial(number: int) -> str:
    """Of a trial of the search."""
    return f"search/trial-{number:04d}"


def agent(target: float, seed: int) -> str:
    """Of a pruning agent."""
    return f"prune/{target:g}/{seed}"


def recovery(target: float) -> str:
    """Of what became of the network pruned for a target."""
    return f"finetune/{target:g}"


def evaluated(target: float) -> str:
    """Of a network as it was measured in the end; target 0 is the dense one."""
    return f"evaluate/{target:g}"
