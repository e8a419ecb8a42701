"""Shows how a stage goes: a bar that lives on a terminal, lines that stay in a log."""

from __future__ import annotations

import shutil
import time
from typing import Never, Protocol, TextIO

from tqdm import tqdm

from search.budget import Clock, Held
from search.status import Activity, Status

PARTS = 4
"""A log gets a line whenever another quarter of a stage is through."""

SIGN_OF_LIFE_S = 300.0
"""A log gets a line at least this often while a stage lasts."""

_BAR = 10
_ROWS = 24
_MANY = 100
"""From so many of a unit on the next one is easier to read."""

_UNIFORM = 1e3
"""Noise beyond this stands for actions that are drawn uniformly."""

Field = tuple[int, str]
"""Rank and text of a part of a line; those of the greatest rank are left out first."""


class Display(Protocol):
    """Takes what is to be seen of one job, in order."""

    def show(self, status: Status) -> None:
        """The stage that the job is in goes on."""
        ...

    def line(self, text: str) -> None:
        """A line that stays."""
        ...

    def clear(self) -> None:
        """The stage is over."""
        ...


class Terminal:
    """One line that is written over and over, as wide as the terminal at most."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[Never] | None = None

    def show(self, status: Status) -> None:
        """Move the bar and replace what is said beside it."""
        activity = status.activity
        if activity is None:
            return
        width = shutil.get_terminal_size().columns
        head = f"{status.stage:<9} {_place(status)}"
        text = fitted(fields(status, activity), width - len(head) - _BAR - 4)
        if self._bar is None:
            # A size of its own: tqdm shows nothing on a terminal that does not tell its rows.
            self._bar = tqdm(
                total=1.0,
                file=self._stream,
                leave=False,
                ncols=width,
                nrows=_ROWS,
                desc=head,
                unit=text,
                bar_format=f"{{desc}} |{{bar:{_BAR}}}| {{unit}}",
            )
        self._bar.set_description_str(head, refresh=False)
        self._bar.n, self._bar.ncols = min(1.0, status.share), width
        # The postfix would begin with a comma.
        self._bar.unit = text
        self._bar.refresh()

    def line(self, text: str) -> None:
        """Print above the bar."""
        if self._bar is not None:
            self._bar.clear()
        print(text, file=self._stream, flush=True)
        if self._bar is not None:
            self._bar.refresh()

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class Lines:
    """What stays, and nothing of what goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, status: Status) -> None:
        """Not here."""

    def line(self, text: str) -> None:
        """Print."""
        print(text, file=self._stream, flush=True)

    def clear(self) -> None:
        """Nothing to take away."""


class Log(Lines):
    """A line at every quarter of a stage, and every few minutes, without control characters.

    Fields are parted by two blanks at least, and those of one stage come in one order.
    """

    def __init__(self, stream: TextIO, clock: Clock = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._part, self._last = 0, clock()
        self._stage = ""

    def show(self, status: Status) -> None:
        """Print a line if it is time."""
        if status.stage != self._stage:
            self._stage, self._part, self._last = status.stage, 0, self._clock()
        part = int(PARTS * status.share)
        quarter = self._part < part < PARTS
        self._part = max(part, self._part)
        if quarter or self._clock() - self._last >= SIGN_OF_LIFE_S:
            self.line(log_line(status))

    def line(self, text: str) -> None:
        """Print."""
        self._last = self._clock()
        super().line(text)

    def clear(self) -> None:
        """The next stage begins anew."""
        self._stage = ""


def on(stream: TextIO, clock: Clock = time.monotonic) -> Display:
    """What suits a stream: a live line if it is a terminal."""
    return Terminal(stream) if stream.isatty() else Log(stream, clock)


def log_line(status: Status) -> str:
    """How a stage goes, with everything that is known, and how long it has gone on."""
    told = [] if status.activity is None else fields(status, status.activity)
    taken = status.held.get(status.stage, Held()).seconds
    texts = [*(text for _, text in told), f"stage {_place(status)}", f"[{duration(taken)}]"]
    return f"  {status.stage:<9} {'  '.join(texts)}"


def fields(status: Status, activity: Activity) -> list[Field]:
    """What there is to say of a stage."""
    total = "" if activity.total is None else f"/{activity.total}"
    told = [(0, f"{activity.done}{total} {activity.unit}")]
    if activity.running:
        told.append((5, f"{activity.running} running"))
    if activity.stopped is not None:
        told.append((3, f"{activity.stopped} stopped early"))
    if activity.failed:
        told.append((2, f"{activity.failed} failed"))
    if activity.best is not None:
        told.append((1, f"best {score(activity.best, percent=activity.percent)}"))
    if activity.best_is:
        told.append((6, activity.best_is))
    told += _parts(activity)
    if activity.noise is not None:
        uniform = activity.noise >= _UNIFORM
        told.append((7, "noise uniform" if uniform else f"noise {activity.noise:.2g}"))
    if status.seconds_left is not None:
        told.append((1, f"{duration(status.seconds_left)} left"))
    return told


def fitted(told: list[Field], width: int) -> str:
    """The fields that have room, in their order; the first stays whatever room there is."""
    kept = list(told)
    while len(kept) > 1 and len("  ".join(text for _, text in kept)) > width:
        kept.remove(max(reversed(kept), key=lambda field: field[0]))
    return "  ".join(text for _, text in kept)[: max(width, 1)]


def score(value: float, *, percent: bool) -> str:
    """A share as a percentage, anything else with three digits."""
    return f"{value:.2%}" if percent else f"{value:.3g}"


def duration(seconds: float) -> str:
    """A time in the units that people would use: ``45 s``, ``12 min``, ``2 h 05 min``."""
    if round(seconds) < _MANY:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < _MANY else f"{minutes // 60} h {minutes % 60:02d} min"


def _parts(activity: Activity) -> list[Field]:
    """What goes on side by side: the scores, and how far each is and cuts."""
    told = []
    for part in activity.parts:
        count = f"{part.done}/{part.total}"
        if part.score is None:
            told.append((4, f"{part.name}: {count}"))
        else:
            value = score(part.score, percent=activity.percent)
            cut = "" if part.cut is None else f" at {-part.cut:.1%}"
            told += [(1, f"{part.name}: {value}{cut}"), (4, count)]
    return told


def _place(status: Status) -> str:
    return f"{status.place}/{len(status.stages)}"
