"""No name in a team's spec leads out of the team."""

from __future__ import annotations

import pytest

from secateur.errors import SpecError
from secateur.spec import AnySpec, parse
from serving.gateway.confine import submission

FOLDER = "/data/agents/vgg"


def handed(team: str = "red", **fields: object) -> AnySpec:
    """What the cluster reads of what it is handed."""
    spec = parse({"name": "a.b", "data": {"kind": "digits"}} | fields)
    return submission(spec, team).job()


def test_the_job_and_its_model_are_the_teams() -> None:
    spec = handed()
    assert (spec.name, spec.model_name) == ("red.a.b", "red.a.b")
    assert handed(publish={"name": "blue.a"}).model_name == "red.blue.a"


def test_what_it_begins_with_is_the_teams() -> None:
    assert handed(search={"warm_start": "blue.a"}).search.warm_start == "red.blue.a"
    agent = handed(prune={"agent": {"start_from": "blue.a"}}).prune.agent
    assert agent.start_from == "red.blue.a"


def test_a_path_is_a_matter_of_the_roots() -> None:
    assert handed(prune={"agent": {"start_from": FOLDER}}).prune.agent.start_from == FOLDER


def test_generative_jobs_too() -> None:
    spec = handed(task="generation", publish={"name": "b"})
    assert (spec.name, spec.model_name) == ("red.a.b", "red.b")


def test_nothing_else_changes() -> None:
    given = parse({
        "name": "a", "seed": 3, "data": {"kind": "digits", "limit": 200}, "prune": None,
        "search": {"networks": [{"kind": "lenet"}], "recipe": {"learning_rate": 1e-5}},
    })  # fmt: skip
    assert submission(given, "red").job() == given.model_copy(update={"name": "red.a"})


def test_names_that_grow_too_long() -> None:
    """64 characters less 'red.' are 60."""
    long = "a" * 60
    spec = parse({"name": long, "data": {"kind": "digits"}})
    assert submission(spec, "red").name == f"red.{long}"
    with pytest.raises(SpecError, match=r"^name: .* expected at most 60 characters"):
        submission(parse({"name": f"{long}a", "data": {"kind": "digits"}}), "red")
