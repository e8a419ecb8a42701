from __future__ import annotations

from pathlib import Path

import pytest

from agents.attempts import Attempt
from secateur.errors import StageError


def test_the_last_attempt_alone_goes_on(tmp_path: Path) -> None:
    first = Attempt(tmp_path)
    first.check()
    second = Attempt(tmp_path)
    second.check()
    with pytest.raises(StageError, match="only the last one may write here"):
        first.check()
    second.check()
    assert [path.name for path in tmp_path.iterdir()] == ["attempt"]
