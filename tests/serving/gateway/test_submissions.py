"""Jobs that are handed to the gateway over HTTP: what it takes, and what it refuses."""

from __future__ import annotations

import gzip
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from secateur.roots import Roots
from serving.jobs import records
from tests.serving.gateway.conftest import Settings, World, job
from tests.serving.jobs.fake import FakeCluster
from tests.serving.kinds import Refused

JSON = {"Content-Type": "application/json"}


def test_a_job_from_its_submission_to_its_end(world: World) -> None:
    first = world.submit("a", priority=3)
    assert first.status_code == 201
    told = first.json()
    assert (told["name"], told["phase"], told["place"]) == ("a", "queued", 1)
    assert (told["client"], told["priority"], told["cpus"]) == ("anna", 3, 2)
    again = world.submit("a")
    assert (again.status_code, again.json()) == (200, told)
    world.turn()
    world.cluster.begin("red.a")
    world.turn()
    assert world.ask("GET", "/v1/jobs/a").json()["phase"] == "running"
    world.cluster.finish("red.a", 3, "secateur: not published: accuracy 3 points below")
    world.turn()
    told = world.ask("GET", "/v1/jobs/a", "two").json()
    assert (told["phase"], told["exit_code"], told["place"]) == ("succeeded", 3, None)
    assert told["message"] == "not published: accuracy 3 points below"
    assert world.submit("a").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"content": job("a"), "headers": {"Content-Type": "application/yaml"}},
        {"content": job("a"), "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"json": {"name": "a", "seed": 0, "data": {"kind": "digits"}}},
        {"content": b'{\t"name": "a", "data": {"kind": "digits"}}', "headers": JSON},
        {"content": gzip.compress(job("a").encode()), "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["yaml", "curl", "json", "json with a tab", "gzip"],
)
def test_one_job_in_many_dresses(world: World, sent: dict[str, Any]) -> None:
    assert world.submit("a").status_code == 201
    assert world.ask("POST", "/v1/jobs", **sent).status_code == 200


def test_numbers_of_json_are_numbers(world: World) -> None:
    """YAML reads 1e-5 as a word."""
    content = {"name": "a", "data": {"kind": "digits"}, "search": {"recipe": {}}}
    content["search"]["recipe"]["learning_rate"] = [1e-05, 3e-05]
    assert world.ask("POST", "/v1/jobs", json=content).status_code == 201
    world.turn()
    (handed,) = world.cluster.submissions
    assert handed.job().search.recipe.learning_rate == (1e-05, 3e-05)


DATA = "data: {kind: digits}"
BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 9)]
)
WRONG: dict[str, tuple[str | bytes | dict, int, str]] = {
    "nothing": ("", 400, "expected a mapping"),
    "no yaml": ("name: [", 400, "valid YAML"),
    "a list": ("- name: a", 400, "expected a mapping"),
    "no name": (DATA, 400, "name: is missing"),
    "no data": ("name: a", 400, "data: is missing"),
    "an unknown field": (job("a", serach="{}"), 400, "expected 'search' (nearest known name)"),
    "an unknown field below": (job("a", search="{trails: 3}"), 400, "search.trails: 'trails'"),
    "a name with a slash": (job("a/b"), 400, "name: 'a/b'"),
    "a name that climbs": (job("../blue.a"), 400, "name: '../blue.a'"),
    "a hidden name": (job(".gateway"), 400, "name: '.gateway'"),
    "a name too long": (job("a" * 61), 400, "at most 60 characters"),
    "a model's name too long": (job("a", publish=f"{{name: {'b' * 61}}}"), 400, "publish.name"),
    "a number below": (job("a", search="{trials: 0}"), 400, "greater than or equal to 1"),
    "no number": (job("a", search="{trials: .nan}"), 400, "search.trials"),
    "more CPUs than may be": (job("a", search="{parallel: 65}"), 400, "may have 64"),
    "a file outside": (job("a").replace("digits", "arrays, path: /etc/passwd"), 400, "/etc/passwd"),
    "a relative file": (job("a").replace("digits", "arrays, path: x.npz"), 400, "data.path"),
    "a teacher outside": (job("a", search="{teacher: {model: /root}}"), 400, "search.teacher"),
    "an agent outside": (job("a", prune="{agent: {start_from: /}}"), 400, "prune.agent.start_from"),
    "an agent that climbs": (job("a", prune="{agent: {start_from: ../b}}"), 400, "start_from"),
    "a tag that runs code": ("!!python/object/apply:os.system ['true']", 400, "valid YAML"),
    "a bomb": (BOMB, 400, "with all aliases"),
    "deep": ("[" * 5000, 400, "levels"),
    "twice a key": ("name: a\nname: b\n" + DATA, 400, "twice"),
    "two documents": (job("a") + "---\n" + job("b"), 400, "document"),
    "an absurd number": (job("a", seed=int("9" * 4000)), 400, "spec"),
    "too long": (job("a") + "#" * 32_768, 400, "at most 32,768 bytes"),
    "far too long": (b"#" * 200_000, 413, "exceeds"),
    "no text": (b"\xff\xfe", 400, "not UTF-8"),
    "no json": ({"content": "{", "headers": JSON}, 400, "no usable JSON"),
    "json nested": ({"content": "[" * 50_000, "headers": JSON}, 400, "nested too deeply"),
    "json twice": ({"content": '{"name": "a", "name": "b"}', "headers": JSON}, 400, "twice"),
    "json NaN": ({"content": '{"seed": NaN}', "headers": JSON}, 400, "NaN"),
    "a picture": ({"content": "x", "headers": {"Content-Type": "image/png"}}, 415, "image/png"),
    "no gzip": (
        {"content": "x", "headers": {"Content-Encoding": "gzip"}},
        400,
        "not one whole gzip stream",
    ),
    "a priority above": ({"params": {"priority": 6}}, 400, "expected 0 to 5"),
    "a priority below": ({"params": {"priority": -1}}, 400, "query.priority"),
    "no priority": ({"params": {"priority": "high"}}, 400, "query.priority"),
    "another version": ({"params": {"version": "9.9"}}, 400, "the client has Sécateur 9.9"),
    "metadata without value": ({"params": {"metadata": "x"}}, 400, "query.metadata"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_submissions(
    settings: Settings, tmp_path: Path, refused: Refused, wrong: str
) -> None:
    """Each has one line for an answer, and nothing is queued."""
    sent, status, words = WRONG[wrong]
    world = World(settings({"job_cpus": 64}), FakeCluster(), roots=Roots((tmp_path,)))
    more = sent if isinstance(sent, dict) else {"content": sent}
    refused(world.ask("POST", "/v1/jobs", **{"content": job("a")} | more), status, words)
    world.turn()
    assert (world.phases(), world.cluster.submissions) == ({}, [])
    world.close()


def test_a_link_that_leads_out_of_the_roots(
    settings: Settings, tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "inside").symlink_to("/etc")
    world = World(settings(), FakeCluster(), roots=Roots((tmp_path / "roots",)))
    spec = job("a").replace("digits", f"image-folder, root: {tmp_path}/roots/inside")
    refused(world.ask("POST", "/v1/jobs", content=spec), 400, "data.root")
    world.close()


def test_a_name_that_is_taken(world: World, refused: Refused) -> None:
    world.submit("a")
    other = world.ask("POST", "/v1/jobs", content=job("a", seed=1))
    refused(other, 409, "was submitted with another spec")
    refused(world.submit("a", restart="true"), 409, "stop it before it can be restarted")
    world.ask("DELETE", "/v1/jobs/a")
    done = world.ask("POST", "/v1/jobs?restart=true", content=job("a", seed=1))
    assert (done.status_code, done.json()["phase"]) == (201, "queued")


def test_a_job_of_before_an_upgrade_is_handed_over_by_the_version_of_now(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster takes what its own version has validated, and is upgraded with the gateway."""
    world = World(settings(), FakeCluster(installed=version("secateur")))
    with monkeypatch.context() as before:
        before.setattr(records, "installed_version", lambda _: "0.0.1")
        world.queue("one", "a")
    assert '"version":"0.0.1"' in world.journal.find("red", "a").submission
    world.turn()
    assert world.phases() == {"red.a": "pending"}
    world.close()


@pytest.mark.parametrize(
    "sent",
    [
        {"content": 'name: a\ndata: {kind: image-folder, root: "/d/\\ud800"}\n'},
        {"content": 'name: a\n"\\ud800": 1\n'},
        {"content": '{"name": "a", "\\ud800": 1}', "headers": JSON},
    ],
    ids=["a value", "a key", "json"],
)
def test_text_that_is_none(world: World, refused: Refused, sent: dict[str, Any]) -> None:
    refused(world.ask("POST", "/v1/jobs", **sent), 400, "no character")


def test_a_queue_that_is_full(settings: Settings, refused: Refused) -> None:
    world = World(settings({"waiting": 2}), FakeCluster())
    assert [world.submit(name).status_code for name in "ab"] == [201, 201]
    third = world.submit("c")
    refused(third, 429, "2 jobs of the team wait already")
    assert int(third.headers["retry-after"]) > 0
    assert world.submit("a").status_code == 200
    world.close()
