"""What an outbox sends to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from secateur.errors import TrackingError
from secateur.tracking.operations import AnyOperation


class RefusedError(TrackingError):
    """A store answers that an operation is wrong; sent again it would be so again."""


class Store(Protocol):
    """Keeps runs; asked by one thread at a time.

    Attributes:
        address: for people; without a password.
    """

    address: str

    def apply(self, operations: Sequence[AnyOperation], *, doubtful: bool) -> None:
        """Do what was asked for, in order.

        May have done a part of it when it raises; the same operations can be sent again.

        Args:
            operations: at least one.
            doubtful: whether some may have been done already, by another process.

        Raises:
            RefusedError: one of the operations is wrong.
            Exception: anything else; the store does not answer.
        """
        ...

    def run_id(self, run: str) -> str:
        """The store's id of a run that was started."""
        ...

    def reason(self, error: BaseException) -> str:
        """Why ``apply`` raised, as one phrase for people; without a password."""
        ...
