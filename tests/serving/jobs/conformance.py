"""What every cluster must do, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Protocol

import pytest

from secateur.errors import JobConflictError
from serving.jobs.port import Cluster
from serving.jobs.records import JobState, Submission

_names = (f"job-{number}" for number in count())


class World(Protocol):
    """A cluster, and a hand on the jobs that it plays."""

    cluster: Cluster

    def begin(self, name: str) -> None:
        """Returns once the process of a job runs."""

    def print(self, name: str, *lines: str) -> None:
        """The process of a job prints lines."""

    def end(self, name: str, code: int, *lines: str) -> None:
        """The process of a job prints lines and ends; returns once that is known."""

    def stopped(self, name: str) -> None:
        """Returns once a job has ended that was stopped."""


def submission(name: str, *, seed: int = 0, restart: bool = False, **metadata: str) -> Submission:
    text = f"name: {name}\nseed: {seed}\ndata: {{kind: digits}}\n"
    return Submission.of(text, restart=restart, metadata=metadata)


class ClusterConformance:
    """Inherit, and give ``world``."""

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    @pytest.fixture
    def name(self) -> str:
        return next(_names)

    @pytest.fixture
    def running(self, world: World, name: str) -> Iterator[str]:
        """The name of a job that runs; ended in the end."""
        world.cluster.submit(submission(name))
        world.begin(name)
        yield name
        if not _state(world, name).over:
            world.end(name, 0)

    def test_a_job_is_found_as_it_was_submitted(self, world: World, name: str) -> None:
        assert world.cluster.find(name) is None
        sent = submission(name, team="blue")
        state = world.cluster.submit(sent)
        assert (state.name, state.digest, state.attempt) == (name, sent.digest, 1)
        assert state.metadata == {"team": "blue"}
        assert state.phase in {"queued", "pending", "running"}
        world.begin(name)
        found = _state(world, name)
        assert found.phase == "running"
        assert found.submitted is not None
        assert found.ended is None
        assert found in world.cluster.jobs()
        world.end(name, 0)
        ended = _state(world, name)
        assert (ended.phase, ended.exit_code, ended.message) == ("succeeded", 0, "")
        assert ended.ended is not None
        assert ended.ended >= found.submitted

    def test_the_same_job_again_starts_nothing(self, world: World, running: str) -> None:
        again = world.cluster.submit(submission(running))
        assert (again.attempt, again.phase) == (1, "running")
        world.end(running, 0)
        done = world.cluster.submit(submission(running))
        assert (done.attempt, done.phase) == (1, "succeeded")

    def test_a_name_is_taken_by_its_first_contents(self, world: World, running: str) -> None:
        with pytest.raises(JobConflictError, match=f"'{running}' was submitted with another spec"):
            world.cluster.submit(submission(running, seed=1))
        world.end(running, 0)
        with pytest.raises(JobConflictError, match="--restart"):
            world.cluster.submit(submission(running, seed=1))

    def test_a_restart_waits_for_the_end_and_may_change_the_job(
        self, world: World, running: str
    ) -> None:
        other = submission(running, seed=1, restart=True)
        with pytest.raises(JobConflictError, match="is running; stop it before"):
            world.cluster.submit(other)
        world.end(running, 0)
        state = world.cluster.submit(other)
        assert (state.attempt, state.digest) == (2, other.digest)

    def test_a_failure_is_told_and_tried_again(self, world: World, running: str) -> None:
        world.end(running, 2, "on the way", "secateur: error: data.folder: 'x' is not there")
        failed = _state(world, running)
        assert (failed.phase, failed.exit_code) == ("failed", 2)
        assert failed.message == "data.folder: 'x' is not there"
        assert world.cluster.submit(submission(running)).attempt == 2

    def test_what_the_gate_refused_is_done(self, world: World, running: str) -> None:
        world.end(running, 3, "secateur: not published: accuracy 3 points below")
        state = world.cluster.submit(submission(running))
        assert (state.attempt, state.phase, state.code) == (1, "succeeded", 3)
        assert state.message == "not published: accuracy 3 points below"

    def test_a_stopped_job_is_resumed_as_it_was_submitted(self, world: World, name: str) -> None:
        first = world.cluster.submit(submission(name, team="red"))
        world.begin(name)
        assert world.cluster.stop(name).phase in {"running", "stopped"}
        world.stopped(name)
        assert _state(world, name).phase == "stopped"
        assert world.cluster.stop(name).phase == "stopped"
        second = world.cluster.resume(name)
        assert (second.attempt, second.digest) == (2, first.digest)
        assert second.metadata == {"team": "red"}
        world.begin(name)
        world.end(name, 0)
        assert world.cluster.resume(name).attempt == 2

    def test_two_who_submit_at_the_same_moment_have_one_job(self, world: World, name: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            states = list(pool.map(lambda _: world.cluster.submit(submission(name)), range(4)))
        assert {(state.name, state.attempt) for state in states} == {(name, 1)}
        assert [state.attempt for state in world.cluster.jobs() if state.name == name] == [1]

    def test_logs_hold_what_the_latest_attempt_printed(self, world: World, running: str) -> None:
        world.end(running, 1, "first try")
        world.cluster.submit(submission(running))
        world.begin(running)
        world.print(running, "second try", "", "  indented, accuracy 98,5 %")
        world.end(running, 0)
        lines = ["second try", "", "  indented, accuracy 98,5 %"]
        assert list(world.cluster.logs(running)) == lines
        assert list(world.cluster.logs(running, follow=True)) == lines

    def test_logs_can_be_followed_to_their_end(self, world: World, running: str) -> None:
        lines = world.cluster.logs(running, follow=True)
        world.print(running, "one")
        assert next(lines) == "one"
        world.print(running, "two")
        assert next(lines) == "two"
        world.end(running, 0, "three")
        assert list(lines) == ["three"]

    def test_no_such_job(self, world: World, name: str) -> None:
        for ask in (world.cluster.stop, world.cluster.resume, world.cluster.logs):
            with pytest.raises(JobConflictError, match=f"'{name}' is no job"):
                ask(name)

    def test_what_answers_is_named(self, world: World) -> None:
        assert world.cluster.version()


def _state(world: World, name: str) -> JobState:
    state = world.cluster.find(name)
    assert state is not None
    return state
