"""All definitions of clusters say the same, and READMEs what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.clusters.tools import (
    CLUSTERS,
    IMAGE,
    ROOT,
    files,
    judged,
    locked,
    needs_linters,
)

TEXTS = {
    path: path.read_text() for path in files() if path.suffix not in (".txt", ".json", ".lock")
}
FOLDERS = ("image", "onpremises", "aws", "kubernetes", "compose", "slurm")
# Of the definitions themselves; docs/clusters.md tells of them.
OWN = {"SECATEUR_RAY_TMP"}


def test_one_image_and_one_version() -> None:
    for path, text in TEXTS.items():
        named = set(re.findall(r"\bsecateur:[0-9][\w.]*", text))
        assert named <= {IMAGE}, path


def test_one_ray() -> None:
    named = {
        version for text in TEXTS.values() for version in re.findall(r"rayVersion: (\S+)", text)
    }
    assert named == {locked("ray")}


def test_variables_are_those_that_the_product_reads() -> None:
    sources = "".join(
        path.read_text()
        for package in ("secateur", "agents", "serving", "search")
        for path in (ROOT / package).rglob("*.py")
    )
    laptop = CLUSTERS / "laptop"
    for path, text in TEXTS.items():
        if laptop in path.parents:
            continue
        named = set(re.findall(r"\bSECATEUR_[A-Z_]+\b", text)) - OWN
        assert named <= set(re.findall(r"SECATEUR_[A-Z_]+", sources)), path


def test_nothing_is_of_the_newest_version_whatever_it_is() -> None:
    assert not [path for path, text in TEXTS.items() if re.search(r":latest\b", text)]


def test_every_yaml_file_is_one() -> None:
    for path, text in TEXTS.items():
        if path.suffix in (".yaml", ".yml"):
            assert list(yaml.safe_load_all(text)), path


@pytest.mark.parametrize("folder", FOLDERS)
def test_readmes_begin_with_three_commands_and_link_to_what_is_there(folder: str) -> None:
    readme = CLUSTERS / folder / "README.md"
    text = readme.read_text()
    blocks = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    assert len(blocks[0].splitlines()) == 3
    guide = (ROOT / "docs" / "clusters.md").read_text()
    assert f"clusters/{folder}" in guide
    links = re.findall(r"\]\(([^)#]+)", text)
    assert all((readme.parent / link).exists() for link in links if "://" not in link), links


def test_commands_of_readmes_are_of_the_command_line() -> None:
    from search.cli import main

    guides = [*CLUSTERS.rglob("README.md"), ROOT / "docs" / "clusters.md"]
    lines = [
        line for guide in guides for line in guide.read_text().splitlines() if line[:4] == "    "
    ]
    commands = {
        name for line in lines for name in re.findall(r"(?<!--namespace) secateur ([a-z]+)\b", line)
    }
    assert commands
    assert commands <= set(main.commands)
    named = {Path(word) for line in lines for word in re.findall(r"examples/\S+\.yaml", line)}
    assert all((ROOT / path).exists() for path in named)


@pytest.mark.slow
@needs_linters
def test_scripts() -> None:
    """All of them, and those of the tests."""
    found = [path for path in TEXTS if path.suffix in (".sh", ".sbatch")]
    judged("shellcheck", *sorted(found), *Path(__file__).parent.glob("*.sh"))
