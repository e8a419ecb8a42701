from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.team import Team, running, short_folder


@pytest.fixture(scope="session")
def team() -> Iterator[Team]:
    """A server that all tests share."""
    with short_folder() as folder, running(folder / "team") as team:
        yield team
