"""README and docs: links lead somewhere, and what is named is what the program has."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel

from search.cli import main
from secateur.spaces import Range, dimensions, families, generators
from secateur.spec import GenerationSpec, JobSpec
from serving.gateway.spec import GatewaySpec, TeamSpec

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    *(page for folder in ("docs", "clusters") for page in (ROOT / folder).rglob("*.md")),
]
PACKAGES = ("secateur", "agents", "serving", "search")
GUIDES = {
    JobSpec: ("jobs.md", "motors.md", "microstructures.md"),
    GenerationSpec: ("generation.md", "jobs.md", "motors.md", "microstructures.md"),
    GatewaySpec: ("submitting.md", "serving.md"),
}
INTERNAL = {"SECATEUR_RAY_TMP"}
"""Variables of the environment that are for tests alone."""


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_blocks(page: Path) -> str:
    return re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str, Any]]:
    """Model, name and default of every field, down to the leaves."""
    for name, field in model.model_fields.items():
        yield model.__name__, name, field.default
        for below in _models(field.annotation):
            yield from fields(below)


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def said(*pages: str) -> str:
    """What pages say as code: in blocks, and between backticks."""
    found = []
    for name in pages:
        page = ROOT / "docs" / name
        found += re.findall(r"```.*?```", text(page), re.DOTALL)
        found += re.findall(r"`[^`]+`", without_blocks(page))
    return "\n".join(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page)):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        there = page.parent / path if path else page
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


@pytest.mark.parametrize("spec", GUIDES)
def test_every_field_of_a_spec_is_in_its_guide(spec: type[BaseModel]) -> None:
    words = set(re.findall(r"\w[\w-]*", said(*GUIDES[spec])))
    assert [(model, name) for model, name, _ in fields(spec) if name not in words] == []


def test_every_field_that_a_page_names_is_one_of_a_spec() -> None:
    known = {name for spec in (JobSpec, GenerationSpec) for _, name, _ in fields(spec)}
    paths = {
        path
        for page in PAGES
        for span in re.findall(r"`([^`\n]+)`", without_blocks(page))
        for path in re.findall(
            r"^(?:prune|finetune|recover|publish|limits|search)(?:\.\w+)+$", span
        )
    }
    modules = {f"search.{file.stem}" for file in (ROOT / "search").glob("*.py")}
    families = {"resnet"}  # by which a list of networks goes in MLflow
    assert {"prune.agent.start_from", "search.min_accuracy", "limits.disk_gb"} <= paths
    wrong = [path for path in paths - modules if not set(path.split(".")) <= known | families]
    assert [path for path in wrong if not path.endswith((".json", ".yaml"))] == []


def test_settings_of_the_gateway_are_those_of_its_guide() -> None:
    settings = text(ROOT / "docs" / "submitting.md").partition("\nSettings, as in ")[2]
    rows = re.findall(r"^\| (`.*?) \|", settings, re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert listed == set(GatewaySpec.model_fields) | set(TeamSpec.model_fields)


@pytest.mark.parametrize(
    ("page", "spec"), [("jobs.md", JobSpec), ("generation.md", GenerationSpec)]
)
def test_numbers_behind_the_name_of_a_field_are_its_default(
    page: str, spec: type[BaseModel]
) -> None:
    defaults: dict[str, set[float]] = {}
    for _, name, default in fields(spec):
        if isinstance(default, (int, float)):
            defaults.setdefault(name, set()).add(float(default))
    guide = text(ROOT / "docs" / page)
    told = [
        (name, float(number.replace(",", "")))
        for name, number in re.findall(r"`(\w+)` \((-?[\d,.]*\d)\)", guide)
        if name in defaults
    ]
    assert told
    assert [(name, number) for name, number in told if number not in defaults[name]] == []


def in_words(dimension: Range | tuple[Any, ...]) -> str:
    """``1 to 3`` or ``8, 16 or 32``."""
    if isinstance(dimension, Range):
        return f"{dimension.low:g} to {dimension.high:g}"
    *others, last = (f"{value:g}" if isinstance(value, (int, float)) else value
                     for value in dimension)  # fmt: skip
    return f"{', '.join(others)} or {last}"


@pytest.mark.parametrize(
    ("page", "known"), [("jobs.md", families()), ("generation.md", generators())]
)
def test_what_varies_of_a_family_that_is_only_named(page: str, known: dict[str, Any]) -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| .* \| ([^|]+) \|$", text(ROOT / "docs" / page), re.MULTILINE
    )
    told = dict(rows)
    for family, space in known.items():
        free = {name: value for name, value in dimensions(space()).items()
                if isinstance(value, (Range, tuple))}  # fmt: skip
        words = "; ".join(f"{name} {in_words(value)}" for name, value in free.items())
        assert told[family] == (words or "nothing")


def test_variables_of_the_environment_are_in_the_guides() -> None:
    sources = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    read = {name for file in sources for name in re.findall(r"\bSECATEUR_[A-Z_]+\b", text(file))}
    told = {name for page in PAGES for name in re.findall(r"\bSECATEUR_[A-Z_]+\b", text(page))}
    assert read - told - INTERNAL == set()


def command_lines() -> list[str]:
    """Lines of examples that begin with our command, without comments and environment."""
    lines = [line for page in PAGES for line in text(page).splitlines()]
    found = (
        re.match(r"(?:    )?(?:RAY_AUTH_MODE=token )?secateur ([a-z].*)$", line) for line in lines
    )
    return sorted({match[1] for match in found if match})


@pytest.mark.parametrize("line", command_lines())
def test_commands_and_their_options_exist(line: str) -> None:
    name, *words = shlex.split(line, comments=True)
    assert name in main.commands, line
    options = {
        option
        for parameter in main.commands[name].params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }
    assert {word for word in words if word.startswith("--")} <= options, line
