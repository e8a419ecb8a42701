from __future__ import annotations

from pathlib import Path

import pytest

from search import presets
from secateur.errors import SpecError
from secateur.spec import load


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_a_sound_job_of_its_name(name: str) -> None:
    assert load(presets.file(name)).name == name


def test_a_preset_goes_by_its_name_unless_a_file_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = Path("calculator-sum")
    assert presets.resolve(given) == presets.file("calculator-sum")
    assert presets.resolve(Path("job.yaml")) == Path("job.yaml")
    given.write_text("name: mine")
    assert presets.resolve(given) == given


def test_a_misspelt_preset_is_told_the_nearest() -> None:
    said = "calculator-sun: no such file; expected a YAML file, or the study 'calculator-sum'"
    with pytest.raises(SpecError, match=said):
        presets.resolve(Path("calculator-sun"))
