"""Follows the registry: a thread that looks for new versions and puts them in the catalogue."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from secateur.errors import ArtifactError, RegistryError, RegistryUnreachableError
from serving.catalogue import Catalogue, Model, Open, Refresh, keep
from serving.source import ModelSource, SavedModel

logger = logging.getLogger(__name__)

_LONGEST_WAIT_S = 60.0
Clock = Callable[[], float]


@dataclass(frozen=True)
class Refused:
    """A version that could not be had or opened.

    Attributes:
        version: of the model.
        reason: for clients.
        wait: seconds before it is tried again.
        until: end of that wait, by the follower's clock.
    """

    version: str
    reason: str
    wait: float
    until: float


class Follower:
    """Keeps a catalogue at the versions that its sources name.

    Sources are looked at in turn, in a daemon thread, where versions are also downloaded,
    checked, opened and tried: requests never wait for that, and neither does the end of the
    process.  Of what fails, the last good version stays, and the log has a line when the
    reason changes.

    Args:
        catalogue: has a model of every source already.
        sources: where the models come from.
        open_: opens a saved model.
        seconds: from the end of one round of looks to the next.
        challengers: whether to follow the challengers as well.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        sources: Iterable[ModelSource],
        open_: Open,
        seconds: float,
        *,
        challengers: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._stopped = threading.Event()
        self._followed: list[Followed] = []
        for source in sources:
            self._followed.append(Followed(source, catalogue, open_, seconds, clock))
            rival = source.challenger() if challengers else None
            if rival is not None:
                self._followed.append(FollowedChallenger(rival, catalogue, open_, seconds, clock))

    def start(self) -> None:
        """Begin to look, now and every so many seconds."""
        threading.Thread(target=self._run, name="follower", daemon=True).start()

    def stop(self) -> None:
        """Look no more; waits for nothing."""
        self._stopped.set()

    def poll(self) -> None:
        """Look once at every source."""
        for followed in self._followed:
            if not self._stopped.is_set():
                followed.look()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.poll()
            self._stopped.wait(self._seconds)


class Followed:
    """One source of champions, and what was last made of it."""

    role = "champion"

    def __init__(
        self,
        source: ModelSource,
        catalogue: Catalogue,
        open_: Open,
        seconds: float,
        clock: Clock,
    ) -> None:
        self.name = source.name
        self._source, self._catalogue, self._open = source, catalogue, open_
        self._seconds, self._clock = seconds, clock
        self._refused: Refused | None = None
        self._reason = ""

    def look(self) -> None:
        """Put the version that the source names in the catalogue; never raises."""
        try:
            version = self._source.resolve()
        except RegistryUnreachableError as error:
            self._stay("the registry does not answer", error)
        except RegistryError as error:
            self._absent(error)
        except Exception as error:  # a source's own, of any kind: the thread must live
            self._stay("the registry does not answer", error)
        else:
            self._follow(version)

    def _follow(self, version: str) -> None:
        served, refused = self._served(), self._refused
        if served is not None and served.version == version:
            self._refused = None
            self._report("")
        elif refused is not None and refused.version == version and self._clock() < refused.until:
            self._report(refused.reason)
        else:
            self._fetch(version)

    def _fetch(self, version: str) -> None:
        try:
            saved = self._source.fetch(version)
        except ArtifactError as error:
            self._refuse(version, f"version {version} is broken", error)
        except Exception as error:
            self._refuse(version, f"version {version} cannot be fetched", error)
        else:
            self._take(saved)

    def _take(self, saved: SavedModel) -> None:
        version = saved.version
        try:
            model = self._open(self.name, saved)
        except Exception as error:
            self._refuse(version, f"version {version} cannot be opened", error)
            return
        self._refused = None
        self._put(model)
        logger.info("%s: version %s is %s", self.name, version, self.role)
        self._report("")
        keep(self._source, saved)

    def _refuse(self, version: str, reason: str, error: Exception) -> None:
        """Wait twice as long at every failure of one version."""
        before = self._refused
        again = before is not None and before.version == version
        wait = min(2 * before.wait, _LONGEST_WAIT_S) if before and again else self._seconds
        self._refused = Refused(version, reason, wait, self._clock() + wait)
        self._stay(reason, error)

    def _stay(self, reason: str, error: Exception) -> None:
        """Go on with what is served."""
        self._report(reason, error)

    def _report(self, reason: str, error: Exception | None = None) -> None:
        if reason != self._reason:
            if reason:
                served = self._served()
                kept = f"version {served.version} stays" if served else "there is none"
                details = str(error).splitlines()[:1] if error else []
                logger.warning("%s", ": ".join([self._label, kept, reason, *details]))
            else:
                logger.info("%s: follows its registry again", self._label)
        self._reason = reason
        self._note(Refresh(time.time(), reason, self._seconds))

    @property
    def _label(self) -> str:
        return f"{self.name}@{self.role}"

    def _served(self) -> Model | None:
        return self._catalogue.get(self.name)

    def _put(self, model: Model) -> None:
        self._catalogue.crown(model)

    def _absent(self, error: Exception) -> None:
        self._report(f"the registry names no {self.role}", error)

    def _note(self, refresh: Refresh) -> None:
        self._catalogue.note(self.name, refresh)


class FollowedChallenger(Followed):
    """One source of challengers; that there is none is nothing unusual."""

    role = "challenger"
    _restored = False

    def _served(self) -> Model | None:
        return self._catalogue.challenger(self.name)

    def _put(self, model: Model) -> None:
        self._catalogue.challenge(self.name, model)

    def _stay(self, reason: str, error: Exception) -> None:
        if self._served() is None and not self._restored:
            self._restored = True
            self._restore()
        super()._stay(reason, error)

    def _restore(self) -> None:
        """Serve the last that was sound, as ``Catalogue.load`` does of champions."""
        try:
            if kept := self._source.kept():
                self._put(self._open(self.name, kept))
        except Exception as error:
            logger.warning("%s: the kept version cannot be opened: %s", self._label, error)

    def _absent(self, error: Exception) -> None:
        self._refused = None
        self._catalogue.challenge(self.name, None)
        with suppress(OSError):  # the disk of a cache that nobody may write
            self._source.forget()
        self._report("")

    def _note(self, refresh: Refresh) -> None:
        """Clients are told of champions."""
