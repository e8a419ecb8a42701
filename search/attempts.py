"""What one attempt at a trial leaves, apart from what others of the same trial leave.

Where a node is lost its worker may live on beside the retry, and both write into the trial's
checkpoint. Only the attempt that Tune heard from last is named in the trial's result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from ray import tune

from search.tune_storage import files_of

ATTEMPT = "attempt"
"""Name of the reported value that tells which folder of the checkpoint is meant."""


@dataclass(frozen=True)
class Outputs:
    """Files of one attempt, on their way into the checkpoint.

    Attributes:
        folder: for the files.
    """

    folder: Path
    _root: Path

    def report(self, metrics: Mapping[str, Any]) -> None:
        """Report the last metrics of the trial, with the files."""
        tune.report(
            {**metrics, ATTEMPT: self.folder.name},
            checkpoint=tune.Checkpoint.from_directory(str(self._root)),
        )


@contextmanager
def outputs() -> Iterator[Outputs]:
    """A folder for what this attempt leaves; gone afterwards."""
    with TemporaryDirectory() as root:
        folder = Path(root) / uuid4().hex
        folder.mkdir()
        yield Outputs(folder, Path(root))


def kept(result: tune.Result) -> Path | None:
    """Folder of the files that a trial left; nothing where it left none."""
    if result.checkpoint is None:
        return None
    # Older jobs kept the files in the checkpoint itself.
    attempt: str = (result.metrics or {}).get(ATTEMPT, "")
    return files_of(result.checkpoint) / attempt
