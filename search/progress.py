"""What a person sees of a running job, here and from elsewhere, all from one record."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from search.budget import Clock, Tab
from search.display import Display, Log, on
from search.exit_codes import INTERRUPTED, NOT_PUBLISHED
from search.live import Live
from search.status import EVERY_S, LOG, Status, StatusFile, resting, said
from secateur.errors import SecateurError
from secateur.spec import BudgetSpec


class Progress:
    """The display of one job: one line a stage, and how it goes while it lasts.

    May be called from any thread.

    Args:
        stream: where to write; what goes on is shown live only if it is a terminal.
        clock: that durations are measured by.
    """

    def __init__(self, stream: TextIO | None = None, clock: Clock = time.monotonic) -> None:
        stream = sys.stdout if stream is None else stream
        self._clock = clock
        self._displays: list[Display] = [on(stream, clock)]
        self._status = Status(job="", began=time.time())
        self._file: StatusFile | None = None
        self._live: Live | None = None
        self._tab, self._began, self._timed = Tab(clock=clock), clock(), ""
        self._lock = threading.RLock()

    @contextmanager
    def recorded(self, folder: Path, stages: Sequence[str]) -> Iterator[None]:
        """Keep what is shown in the job's folder too, and how the job ended.

        Args:
            folder: of the job, held by this process.
            stages: of the job, in order.
        """
        before = said(folder)
        self._status = Status(
            job=folder.name,
            stages=tuple(stages),
            held={} if before is None else before.held,
            pid=os.getpid(),
            host=socket.gethostname(),
            began=time.time(),
        )
        self._file = StatusFile(folder)
        over = threading.Event()
        pulse = threading.Thread(target=self._pulse, args=(over,), name="progress", daemon=True)
        with (
            (folder / LOG).open("a", encoding="utf-8") as log,
            self.shown(Log(log, self._clock)),
        ):
            self._tell(now=True)
            pulse.start()
            try:
                yield
            except BaseException as error:
                self._failed(error)
                raise
            finally:
                over.set()
                pulse.join()
                with self._lock:
                    self._tell(now=True)
                    self._file = None

    def finished(self, failures: Sequence[str] = ()) -> None:
        """The job has ended as it should.

        Args:
            failures: why its model was not published, where it was not.
        """
        code = NOT_PUBLISHED if failures else os.EX_OK
        self._become(state="finished", reason="; ".join(failures), exit_code=code)

    @contextmanager
    def shown(self, display: Display) -> Iterator[None]:
        """Show the job on another display as well."""
        with self._lock:
            self._displays.append(display)
        try:
            yield
        finally:
            with self._lock:
                self._displays.remove(display)

    def begin(self, stage: str) -> None:
        """Begin a stage."""
        with self._lock:
            self._enter(stage)
            self._began = self._clock()
            self._tab = Tab(self._status.held.get(stage), self._clock)
            self._tab.hold(1)
            self._timed = stage
            self._tell()

    def live(self, budget: BudgetSpec | None = None) -> Live:
        """Show how the stage goes that was begun last; use in a ``with``."""
        return Live(self, budget)

    def done(self, stage: str, summary: str) -> None:
        """The one line of a stage that ended, with its time."""
        with self._lock:
            self._tell()
            self._timed = ""
        self.line(f"{stage:<9} {summary}  [{self._clock() - self._began:.0f} s]")

    def kept(self, stage: str, summary: str) -> None:
        """The one line of a stage that an earlier run of the job had finished."""
        with self._lock:
            self._timed = ""
            self._enter(stage)
            self._tell()
        self.line(f"{stage:<9} {summary}  [kept]")

    def line(self, text: str = "") -> None:
        """Any other line."""
        with self._lock:
            for display in self._displays:
                display.line(text)

    def refresh(self) -> None:
        """Bring everything up to this moment."""
        with self._lock:
            if self._live is not None:
                self._status = self._live.told(self._status, self._clock())
            self._tell()
            if self._timed or self._live is not None:
                for display in self._displays:
                    display.show(self._status)

    @property
    def tab(self) -> Tab:
        """What the stage takes that was begun last."""
        return self._tab

    @property
    def clock(self) -> Clock:
        """That everything here is measured by."""
        return self._clock

    def attach(self, live: Live | None) -> None:
        """Show a stage that goes on from now on, or none."""
        with self._lock:
            if live is None:
                for display in self._displays:
                    display.clear()
                self._status = resting(self._status)
            self._live = live

    def _enter(self, stage: str) -> None:
        stages = self._status.stages
        self._become(
            stage=stage,
            place=stages.index(stage) + 1 if stage in stages else 0,
            activity=None,
            share=0.0,
            seconds_left=None,
        )

    def _become(self, **news: object) -> None:
        with self._lock:
            self._status = self._status.model_copy(update=news)

    def _failed(self, error: BaseException) -> None:
        if self._status.state != "running":  # the job had ended, what follows it was stopped
            return
        # Ray wraps what a worker raised; the cause is what the user should read.
        cause = getattr(error, "cause", None) or error
        if isinstance(error, KeyboardInterrupt):
            self._become(state="interrupted", reason=str(error), exit_code=INTERRUPTED)
            error.add_note(f"secateur status {self._status.job} says how far it has come")
        else:
            told = str(cause).strip().splitlines()
            reason = told[0] if isinstance(cause, SecateurError) and told else repr(cause)
            code = getattr(cause, "exit_code", 1)
            self._become(state="failed", reason=reason, exit_code=code)

    def _tell(self, *, now: bool = False) -> None:
        """Write the status for others; each time the stage has taken a little more."""
        with self._lock:
            taken = {self._timed: self._tab.held} if self._timed else {}
            news = {"held": self._status.held | taken, "heard": time.time()}
            self._status = self._status.model_copy(update=news)
            if self._file is not None:
                self._file.write(self._status, now=now)

    def _pulse(self, over: threading.Event) -> None:
        while not over.wait(EVERY_S):
            with suppress(OSError):  # of a log on a full disk: the job meets that itself
                self.refresh()
