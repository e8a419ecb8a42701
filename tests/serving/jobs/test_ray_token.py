from __future__ import annotations

from pathlib import Path

import pytest

from secateur.errors import UserError
from serving.jobs import ray_token


def test_the_token_is_found_where_ray_looks_for_it(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert ray_token.find(home) is None
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("of the home\n")
    assert ray_token.find(home) == "of the home"
    named = tmp_path / "token"
    named.write_text(" of the file\n")
    there = home | {"RAY_AUTH_TOKEN_PATH": str(named)}
    assert ray_token.find(there) == "of the file"
    both = there | {"RAY_AUTH_TOKEN": "of the variable"}
    assert ray_token.find(both) == "of the variable"
    assert ray_token.find(both | {"RAY_AUTH_MODE": "disabled"}) is None


def test_a_file_that_is_named_and_not_there(tmp_path: Path) -> None:
    absent = {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "absent")}
    with pytest.raises(UserError, match=r"RAY_AUTH_TOKEN_PATH: .*absent: No such file"):
        ray_token.find(absent)
