"""How good the policies are that each agent finds with the same number of evaluations."""

from __future__ import annotations

from benchmarks.search_quality_page import Result, section_of


def lines(found: dict[str, Result]) -> list[str]:
    """The section, from one result a run."""
    return section_of(list(found.values())).splitlines()
