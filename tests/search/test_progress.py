from __future__ import annotations

import io
import re

from search.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drive(stream: io.StringIO) -> str:
    progress = Progress(stream)
    bar = progress.bar("search", 8, "trials")
    for done in range(9):
        bar.update(done, f"best {done}")
    bar.close()
    progress.done("search", "8 trials")
    return stream.getvalue()


def test_a_log_gets_a_line_a_quarter_and_one_for_the_stage() -> None:
    lines = drive(io.StringIO()).splitlines()
    assert lines[:3] == [
        "  search    2/8 trials  best 2",
        "  search    4/8 trials  best 4",
        "  search    6/8 trials  best 6",
    ]
    assert re.fullmatch(r"search    8 trials  \[\d+ s\]", lines[3])


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    shown = drive(Terminal())
    assert "8/8" in shown
    # The bar's line is blanked before the stage's one line is printed.
    assert re.search(r"\r +\rsearch    8 trials  \[\d+ s\]\n$", shown)


def test_a_kept_stage_says_so() -> None:
    stream = io.StringIO()
    Progress(stream).kept("search", "8 trials")
    assert stream.getvalue() == "search    8 trials  [kept]\n"
