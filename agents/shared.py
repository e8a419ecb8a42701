"""An evaluation that lies in the object store once and is unpacked once a process."""

from __future__ import annotations

from typing import Self

import ray
import torch

from agents.environment import Evaluate
from secateur.memory import bounded, granted


class SharedEvaluation:
    """Stands for an evaluation in every process that it is sent to.

    It pickles as a reference alone; the first call in a process unpacks the evaluation
    there, and lets torch have one thread. Each call may allocate as much as the process that
    the evaluation was shared by.

    Args:
        reference: of the evaluation.
        gigabytes: that a call may allocate; see ``bounded``.
    """

    def __init__(self, reference: ray.ObjectRef, gigabytes: float | None) -> None:
        self._reference, self._gigabytes = reference, gigabytes
        self._here: Evaluate | None = None

    @classmethod
    def of(cls, evaluate: Evaluate) -> Self:
        """Place an evaluation in the object store."""
        return cls(ray.put(evaluate), granted())

    def __call__(self, widths: tuple[int, ...]) -> float:
        """What the evaluation says; raises what it raises."""
        if self._here is None:
            torch.set_num_threads(1)
            self._here = ray.get(self._reference)
        with bounded(self._gigabytes):
            return self._here(widths)

    def __getstate__(self) -> dict[str, object]:
        return {"_reference": self._reference, "_gigabytes": self._gigabytes, "_here": None}
