"""MLflow's run table on the runs of a large job."""

from __future__ import annotations

import statistics

from benchmarks.page import Result, measured_on, table

SHOWN = {"sqlite": "SQLite", "postgresql": "PostgreSQL, as a team has it"}


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by store."""
    some = next(iter(results.values()))
    settings, asked = some["settings"], list(some["rounds"][0])
    return [
        "## Many runs",
        "",
        f"MLflow's run table on a job of {settings['trials']:,} trials of {settings['epochs']} "
        "epochs, written by the job's",
        "own tracker (`benchmarks/many_runs.py`): seconds until the server has answered what the",
        "page of an experiment asks for, the first hundred runs, and until a browser that has just",
        "been started shows them. Medians of the rounds, the longest in brackets. As a team has it",
        "means: with authentication, asked by a member who is no administrator.",
        "",
        *table(
            ["", *(SHOWN[store] for store in results)],
            [
                *([name, *(_seconds(one, name) for one in results.values())] for name in asked),
                ["rounds", *(str(len(one["rounds"])) for one in results.values())],
                *(
                    [shown, *(f"{one['filled'][key]:.0f}" for one in results.values())]
                    for key, shown in (
                        ("recorded_seconds", "all runs written to the job's journal"),
                        ("sent_seconds", "all runs sent"),
                    )
                ),
            ],
        ),
        "",
        *(f"- {SHOWN[store]}: {measured_on(one['hardware'])}." for store, one in results.items()),
    ]


def _seconds(one: Result, name: str) -> str:
    times = [turn[name] for turn in one["rounds"] if name in turn]
    return f"{statistics.median(times):.2f} ({max(times):.2f})" if times else "-"
