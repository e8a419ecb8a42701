import json
import re
from pathlib import Path

from secateur.judging import features

GUIDE = Path(__file__).parents[3] / "docs" / "judging.md"


def test_the_guide_runs_and_names_every_figure(tmp_path, monkeypatch, capsys):
    text = GUIDE.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(features, "_EPOCHS", (1, 1))
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], {})
    printed = json.loads(capsys.readouterr().out)
    measures = printed.keys() - {"judge", "images", "real", "figures"} | printed["figures"].keys()
    assert all(f"`{name}`" in text for name in measures)
