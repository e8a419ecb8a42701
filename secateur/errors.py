"""Every error that Sécateur raises on purpose.

    SecateurError
    ├── UserError (also a ValueError)      something the user can mend: exit code 2
    │   ├── SpecError                      a field of a job, its value, what would be right
    │   │   ├── MissingFieldError          a field without a default that is not there
    │   │   ├── UnreadableSpecError        a file of YAML that is absent or broken
    │   │   └── UnreachableTargetError     a FLOPs target beyond what the bounds allow
    │   ├── DataError                      a file or folder of a data set
    │   ├── ArchitectureError              arguments that make no network
    │   ├── LossError                      outputs that a loss is not defined for
    │   ├── PolicyError                    widths that do not fit a network
    │   ├── ArtifactError                  a saved model that is absent, broken or tampered with
    │   ├── JobConflictError               a job name that is taken by another spec
    │   ├── ClusterRefusedError            a cluster that does not take what it was asked for
    │   ├── RegistryError                  a model, version or alias that is not there
    │   │   └── RegistryUnreachableError   a registry that does not answer
    │   └── UntraceableNetworkError        a network whose channels cannot be followed
    ├── GateError                          figures that miss the publication gate: exit code 3
    ├── TrackingError                      a tracking server that does not answer: exit code 1
    ├── ClusterError                       a cluster that does not answer: exit code 1
    ├── StorageError                       a storage of jobs that does not answer: exit code 1
    └── StageError                         a stage that could not finish: exit code 1
        ├── DiskError                      a disk without room for what the job keeps
        └── NonFiniteRewardError           an evaluation that returned NaN or infinity

Messages are one line and name the field or file, the value and what would be right.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SecateurError(Exception):
    """Root of the tree."""

    exit_code = 1


class UserError(SecateurError, ValueError):
    """A mistake in what was asked for; nothing has been written."""

    exit_code = 2


class SpecError(UserError):
    """A field of a job spec that cannot be used.

    Args:
        field: dotted path of the field, e.g. ``search.networks.0.depth``.
        value: what was given.
        expected: what would be right, as a short phrase.
    """

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field}: {_shown(value)} is not usable; expected {expected}")
        self.field = field
        self.value = value
        self.expected = expected

    def __reduce__(self) -> tuple[type[SpecError], tuple[str, object, str]]:
        """Rebuild from the three parts: errors cross process borders by pickling."""
        return type(self), (self.field, self.value, self.expected)


class MissingFieldError(SpecError):
    """A field of a job spec that has no default and was not given.

    Args:
        field: its dotted path.
        value: nothing.
        expected: what it should have, as a short phrase.
    """

    def __init__(self, field: str, value: None = None, expected: str = "a value") -> None:
        super().__init__(field, value, expected)
        self.args = (f"{field}: is missing; expected {expected}",)


class UnreadableSpecError(SpecError):
    """A file that holds no spec, whatever its fields.

    Args:
        file: its path, or what else the text is called.
        reason: why it cannot be read, in words.
        expected: as of a ``SpecError``.
    """

    def __init__(self, file: str, reason: str, expected: str) -> None:
        super().__init__(file, reason, expected)
        self.args = (f"{file}: {reason}; expected {expected}",)


class UnreachableTargetError(SpecError):
    """A FLOPs target beyond what the largest allowed ratios can cut."""


class DataError(UserError):
    """A data set, folder or image that cannot be read or learned from."""


class ArchitectureError(UserError):
    """Arguments that make no network, or a network name that is not registered."""


class LossError(UserError):
    """Outputs that a loss is not defined for."""


class PolicyError(UserError):
    """Widths that do not fit the network they were meant for."""


class ArtifactError(UserError):
    """A saved model that is absent, incomplete or does not match its digest."""


class JobConflictError(UserError):
    """A job name that is already taken by a different spec."""


class ClusterRefusedError(UserError):
    """A cluster that answers, and does not take what it was asked for: a wrong token or version."""


class RegistryError(UserError):
    """A registered model, version or alias that does not exist."""


class RegistryUnreachableError(RegistryError):
    """A registry that does not answer, or with an error of its own."""


class UntraceableNetworkError(UserError):
    """A network whose channel dependencies cannot be followed."""


class GateError(SecateurError):
    """Figures that miss the publication gate; the registry is as it was."""

    exit_code = 3


class TrackingError(SecateurError):
    """A tracking server that does not answer; what was recorded is kept in the job's folder."""


class ClusterError(SecateurError):
    """A cluster that does not answer, or with an error of its own."""


class StorageError(SecateurError):
    """A storage of jobs that does not answer; what was to be kept there is in the job's folder."""


class StageError(SecateurError):
    """A stage that could not finish; what was recorded before it is kept."""


class DiskError(StageError):
    """A disk that has no room for what a job keeps; what was recorded before is kept."""


class NonFiniteRewardError(StageError):
    """An evaluation that returned NaN or infinity."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Phrase for an unknown name: the nearest known one, else all of them.

    >>> nearest("lennet", ["mlp", "lenet"])
    "'lenet' (nearest known name)"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"'{close[0]}' (nearest known name)" if close else f"one of {', '.join(names)}"


def cause(error: Exception) -> str:
    """What went wrong in a line: the system's words, the error's own, or else its kind."""
    said = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return said.splitlines()[0] if said else type(error).__name__


def _shown(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
