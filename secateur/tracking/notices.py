"""What a person is told of a tracking server that comes and goes: each thing once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from secateur.errors import TrackingError
from secateur.tracking.store import RefusedError


class Notices:
    """Turns what a shipper hears into lines.

    Args:
        tell: takes a line.
        address: of the store.
        folder: where what was not sent is kept.
        remedy: what sends it later, e.g. ``secateur sync digits sends it``.
        reason: why a store failed, as one phrase.
    """

    def __init__(
        self,
        tell: Callable[[str], None],
        address: str,
        folder: Path,
        remedy: str,
        reason: Callable[[BaseException], str],
    ) -> None:
        self._tell, self._address, self._folder = tell, address, folder
        self._remedy, self._reason = remedy, reason
        self._told: set[str] = set()
        self._down = False

    def failed(self, error: Exception) -> None:
        """See ``Listener.failed``."""
        self._down = True
        self._once("down", f"tracking: {self.silence(error)}")

    def sent(self) -> None:
        """See ``Listener.sent``."""
        if self._down:
            self._down = False
            self._once("up", f"tracking: {self._address} answers again")

    def refused(self, refusal: RefusedError) -> None:
        """See ``Listener.refused``."""
        line = f"tracking: {self._address} refuses a part: {refusal}; put aside in {self._folder}"
        self._once("refused", line)

    def left(self) -> None:
        """The job ends, and something was not sent."""
        if not self._down or "up" in self._told:
            line = f"tracking: {self._address} has not taken all in time; {self._kept}"
            self._once("left", line)

    def silence(self, error: Exception) -> TrackingError:
        """The error of who must wait for the store."""
        return TrackingError(
            f"{self._address} does not answer: {self._reason(error)}; {self._kept}"
        )

    @property
    def _kept(self) -> str:
        return f"kept in {self._folder}, {self._remedy}"

    def _once(self, what: str, line: str) -> None:
        if what not in self._told:
            self._told.add(what)
            # Where nobody reads any more, as behind a broken pipe, the store is still sent to.
            with suppress(OSError, ValueError):
                self._tell(line)
