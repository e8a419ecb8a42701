"""A home or folder that the system refuses: one line that names it, and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from search.cli import main


@pytest.mark.parametrize("command", ["run", "serve", "ui"])
def test_a_home_below_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "file" / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump({"name": "job", "data": {"kind": "digits"}}))
    arguments = {"run": [str(spec)], "serve": ["m", "--port", "0"], "ui": ["--port", "0"]}
    result = CliRunner().invoke(main, [command, *arguments[command]])
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"secateur: error: {tmp_path}/file/home")
    assert line.endswith(": Not a directory; expected a place to read and write")
    assert result.exit_code == 2


def test_an_error_that_should_not_be_keeps_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "inside")

    monkeypatch.setattr("search.presets.resolve", fail)
    result = CliRunner().invoke(main, ["validate", str(tmp_path / "job.yaml")])
    assert isinstance(result.exception, FileNotFoundError)
