from __future__ import annotations

import io
import re

import pytest

from agents.ddpg.noise import UNIFORM_SIGMA
from search.budget import Held
from search.display import Log, Terminal, duration, fields, fitted, log_line
from search.status import Activity, Part, Status
from tests.clock import Clock

TRIALS = Activity(
    unit="trials",
    done=6,
    total=24,
    running=2,
    stopped=4,
    best=0.95486,
    best_is="resnet (depth 1, width 32)",
)
AGENTS = Activity(
    unit="episodes",
    done=30,
    total=120,
    running=2,
    noise=0.5,
    parts=(
        Part(name="-50%", done=16, total=60, score=0.99, cut=0.501),
        Part(name="-75%", done=14, total=60),
    ),
)


def standing(activity: Activity | None, **values: object) -> Status:
    told = {"job": "digits", "stage": "search", "place": 1, "activity": activity}
    return Status.model_validate(told | values)


def test_a_line_says_everything_in_fields() -> None:
    status = standing(TRIALS, seconds_left=44.6, held={"search": Held(seconds=32.2)})
    assert log_line(status) == (
        "  search    6/24 trials  2 running  4 stopped early  best 95.49%  "
        "resnet (depth 1, width 32)  45 s left  stage 1/5  [32 s]"
    )


def test_failures_are_told_only_where_there_are_some() -> None:
    status = standing(TRIALS.model_copy(update={"failed": 1}))
    assert (2, "1 failed") in fields(status, TRIALS.model_copy(update={"failed": 1}))
    assert not any("failed" in text for _, text in fields(status, TRIALS))


def test_agents_are_told_by_target() -> None:
    line = log_line(standing(AGENTS, stage="prune", place=2))
    assert line == (
        "  prune     30/120 episodes  2 running  -50%: 99.00% at -50.1%  16/60  "
        "-75%: 14/60  noise 0.5  stage 2/5  [0 s]"
    )


def test_noise_that_is_as_good_as_none_at_all_is_called_uniform() -> None:
    wild = AGENTS.model_copy(update={"noise": UNIFORM_SIGMA})
    assert (7, "noise uniform") in fields(standing(wild), wild)


def test_rewards_that_are_no_shares_are_told_as_numbers() -> None:
    told = AGENTS.parts[0].model_copy(update={"score": -2.3456})
    amc = AGENTS.model_copy(update={"percent": False, "parts": (told,)})
    assert (1, "-50%: -2.35 at -50.1%") in fields(standing(amc), amc)


@pytest.mark.parametrize("width", [12, 20, 35, 50, 80, 200])
def test_what_matters_least_gives_way(width: int) -> None:
    told = fields(standing(TRIALS, seconds_left=44.6), TRIALS)
    line = fitted(told, width)
    assert len(line) <= width
    assert line.startswith("6/24 trials")
    assert ("45 s left" in line) == (width >= 35)
    assert ("resnet" in line) == (width >= 100)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5900, "98 min"), (6000, "1 h 40 min"),
     (7500, "2 h 05 min"), (200_000, "55 h 33 min")],
)  # fmt: skip
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_log_has_a_line_a_quarter_and_a_sign_of_life() -> None:
    stream, clock = io.StringIO(), Clock()
    log = Log(stream, clock)
    for done in range(9):
        activity = Activity(unit="trials", done=done, total=8)
        log.show(standing(activity, share=done / 8))
    quarters = [line.split()[1] for line in stream.getvalue().splitlines()]
    assert quarters == ["2/8", "4/8", "6/8"]
    clock.now += 299
    log.show(standing(activity, share=1.0))
    assert len(stream.getvalue().splitlines()) == 3
    clock.now += 1
    log.show(standing(activity, share=1.0))
    assert len(stream.getvalue().splitlines()) == 4
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", stream.getvalue())


def test_a_stage_without_a_count_shows_signs_of_life_too() -> None:
    stream, clock = io.StringIO(), Clock()
    log = Log(stream, clock)
    log.show(standing(None, stage="evaluate", place=4))
    clock.now += 600
    log.show(standing(None, stage="evaluate", place=4, held={"evaluate": Held(seconds=600)}))
    assert stream.getvalue() == "  evaluate  stage 4/5  [10 min]\n"


def test_every_stage_has_its_own_quarters() -> None:
    stream = io.StringIO()
    log = Log(stream, Clock())
    log.show(standing(TRIALS, share=0.75))
    log.clear()
    log.show(standing(AGENTS, stage="prune", place=2, share=0.25))
    assert len(stream.getvalue().splitlines()) == 2


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_has_one_line_that_fits_and_goes_away(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Screen()
    terminal = Terminal(screen)
    terminal.show(standing(TRIALS, share=0.25, seconds_left=44.6))
    shown = screen.getvalue().rsplit("\r", 1)[-1].rstrip()
    assert shown.startswith("search    1/5 ")
    assert "6/24 trials" in shown
    assert len(shown) <= columns
    terminal.line("a line")
    assert "\na line" in screen.getvalue() or "\ra line" in screen.getvalue()
    terminal.clear()
    last = screen.getvalue().rsplit("\n", 1)[-1]
    assert last.rsplit("\r", 2)[-2].strip() == ""
