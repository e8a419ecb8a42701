"""What a person sees of a running job: a live bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO

from tqdm import tqdm


class Bar(Protocol):
    """The live part of one stage."""

    def update(self, done: int, note: str) -> None:
        """Show that ``done`` units are through."""
        ...

    def close(self) -> None:
        """Take the live part away."""
        ...


class TerminalBar:
    """A tqdm bar that leaves nothing behind."""

    def __init__(self, stage: str, total: int, unit: str, stream: TextIO) -> None:
        self._bar = tqdm(
            total=total,
            desc=f"{stage:<9}",
            unit=unit,
            file=stream,
            leave=False,
            dynamic_ncols=True,
            bar_format="{desc} {bar:24} {n_fmt}/{total_fmt} {unit} {elapsed}<{remaining} {postfix}",
        )

    def update(self, done: int, note: str) -> None:
        """Move the bar and replace the note."""
        self._bar.n = done
        self._bar.set_postfix_str(note)

    def close(self) -> None:
        """Clear the bar's line."""
        self._bar.close()


class PlainBar:
    """A line whenever another quarter of the stage is through."""

    _PARTS = 4

    def __init__(self, stage: str, total: int, unit: str, stream: TextIO) -> None:
        self._stage, self._total, self._unit, self._stream = stage, total, unit, stream
        self._part = 0

    def update(self, done: int, note: str) -> None:
        """Print a line if a quarter has been passed since the last."""
        part = self._PARTS * done // self._total
        if self._part < part < self._PARTS:
            line = f"  {self._stage:<9} {done}/{self._total} {self._unit}  {note}"
            print(line.rstrip(), file=self._stream, flush=True)
        self._part = max(part, self._part)

    def close(self) -> None:
        """Nothing to take away."""


class Progress:
    """The display of one job: one line a stage, and a bar while it lasts.

    Args:
        stream: where to write; bars are live only if it is a terminal.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._bar = TerminalBar if self._stream.isatty() else PlainBar
        self._began = time.monotonic()

    def bar(self, stage: str, total: int, unit: str) -> Bar:
        """Begin the live part of a stage."""
        self._began = time.monotonic()
        return self._bar(stage, total, unit, self._stream)

    def begin(self) -> None:
        """Begin a stage that has no live part."""
        self._began = time.monotonic()

    def done(self, stage: str, summary: str) -> None:
        """The one line of a stage that ended, with its time."""
        self.line(f"{stage:<9} {summary}  [{time.monotonic() - self._began:.0f} s]")

    def kept(self, stage: str, summary: str) -> None:
        """The one line of a stage that an earlier run of the job had finished."""
        self.line(f"{stage:<9} {summary}  [kept]")

    def line(self, text: str = "") -> None:
        """Any other line."""
        print(text, file=self._stream, flush=True)
