"""The outbox before a store that does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from secateur.errors import JobConflictError, TrackingError
from secateur.tracking.operations import AnyOperation, Discard, End, Log, Start
from secateur.tracking.outbox import INTERRUPTED, Outbox
from secateur.tracking.store import RefusedError


class Memory:
    """Keeps what it is sent; a run called ``wrong`` it refuses."""

    address = "memory"

    def __init__(self) -> None:
        self.operations: list[AnyOperation] = []
        self.doubtful: list[bool] = []
        self.error: Exception | None = None

    def apply(self, operations: Sequence[AnyOperation], *, doubtful: bool) -> None:
        if self.error is not None:
            raise self.error
        if any(operation.run == "wrong" for operation in operations):
            raise RefusedError("that is wrong")
        self.operations += operations
        self.doubtful.append(doubtful)

    def run_id(self, run: str) -> str:
        return f"id of {run}"

    def reason(self, error: BaseException) -> str:
        return str(error)

    def steps(self, run: str) -> list[int]:
        return [each.step for each in self.operations if isinstance(each, Log) and each.run == run]


Open = Callable[[], Outbox]


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "job" / "tracking"


@pytest.fixture
def process(store: Memory, folder: Path, told: list[str]) -> Iterator[Open]:
    """Opens the outbox of one process after the other; those before it were killed."""
    opened: list[Outbox] = []

    def begin() -> Outbox:
        for before in opened:
            before.close(within=0)
        for thread in threading.enumerate():
            if thread.name == "tracking":
                thread.join()
        # After a failure the store is asked again only by who waits for it: when, is certain then.
        opened.append(Outbox(folder, store, told.append, "sync sends it", gather_s=0, pause_s=3600))
        return opened[-1]

    yield begin
    for outbox in opened:
        outbox.close(within=0)


def test_what_one_process_recorded_the_next_one_sends(
    process: Open, store: Memory, told: list[str], folder: Path
) -> None:
    store.error = ConnectionError("away")
    first = process()
    run = first.start("job", name="digits")
    first.log(run, {"loss": 1.0}, 1)
    first.close()
    assert told == [f"tracking: memory does not answer: away; kept in {folder}, sync sends it"]
    store.error = None
    second = process()
    second.settle()
    assert [type(operation) for operation in store.operations] == [Start, Log]
    assert second.counted == {"start": 1, "log": 1}
    assert not second.left


def test_steps_that_the_journal_holds_are_not_recorded_again(process: Open, store: Memory) -> None:
    first = process()
    for step in (1, 2):
        first.log("trial", {"loss": 1.0}, step)
    first.settle()
    second = process()
    for step in (1, 2, 3):
        second.log("trial", {"loss": 1.0}, step)
    second.log("trial", {"loss": 1.0, "accuracy": 0.5}, 3)  # one of them is new
    second.log("other", {"loss": 1.0}, 1)
    second.settle()
    assert store.steps("trial") == [1, 2, 3, 3]
    assert store.operations[-2].metrics == {"accuracy": 0.5}
    assert store.steps("other") == [1]


def test_a_torn_last_line_is_left_out(process: Open, store: Memory, folder: Path) -> None:
    store.error = ConnectionError("away")
    first = process()
    first.log("trial", {"loss": 1.0}, 1)
    first.close()
    with (folder / "operations.jsonl").open("ab") as file:
        file.write(b'{"run":"trial","at":1,"metr')
    store.error = None
    second = process()
    second.log("trial", {"loss": 1.0}, 2)
    second.settle()
    assert store.steps("trial") == [1, 2]


@pytest.mark.parametrize("mark", ["", "words", None])
def test_without_a_mark_everything_is_sent_again_as_doubtful(
    process: Open, store: Memory, folder: Path, mark: str | None
) -> None:
    first = process()
    first.log("trial", {"loss": 1.0}, 1)
    first.settle()
    first.close()
    (folder / "sent").unlink() if mark is None else (folder / "sent").write_text(mark)
    second = process()
    second.log("trial", {"loss": 1.0}, 2)
    second.settle()
    assert store.steps("trial") == [1, 1, 2]
    assert store.doubtful == [False, True]


def test_a_mark_beyond_the_end_loses_nothing_new(
    process: Open, store: Memory, folder: Path
) -> None:
    """The machine was lost with lines that had been sent."""
    first = process()
    first.log("trial", {"loss": 1.0}, 1)
    first.log("trial", {"loss": 1.0}, 2)
    first.settle()
    first.close()
    path = folder / "operations.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    second = process()
    second.log("trial", {"loss": 1.0}, 2)
    second.settle()
    assert store.steps("trial") == [1, 2, 2]


def test_what_the_store_refuses_holds_nothing_else_up(
    process: Open, store: Memory, told: list[str], folder: Path
) -> None:
    outbox = process()
    outbox.log("trial", {"loss": 1.0}, 1)
    outbox.log("wrong", {"loss": 1.0}, 1)
    outbox.log("wrong", {"loss": 1.0}, 2)
    outbox.log("trial", {"loss": 1.0}, 2)
    outbox.settle()
    assert store.steps("trial") == [1, 2]
    assert told == [f"tracking: memory refuses a part: that is wrong; put aside in {folder}"]
    assert len((folder / "refused.jsonl").read_bytes().splitlines()) == 2


def test_a_line_of_another_version_is_named(process: Open, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "operations.jsonl").write_text('{"kind":"dance"}\n')
    with pytest.raises(JobConflictError, match=r"operations\.jsonl.*dance.*of this version"):
        process()


def test_a_run_that_stands_for_something_else_is_discarded(process: Open, store: Memory) -> None:
    first = process()
    first.start("trial", name="mlp", identity="abc")
    first.log("trial", {"loss": 1.0}, 1)
    second = process()
    second.start("trial", name="mlp", identity="abc")
    second.start("trial", name="lenet", identity="def")
    second.log("trial", {"loss": 1.0}, 1)
    second.settle()
    kinds = [type(operation) for operation in store.operations]
    assert kinds == [Start, Log, Start, Discard, Start, Log]


def test_the_end_closes_children_before_parents_and_strangers_as_interrupted(
    process: Open, store: Memory
) -> None:
    first = process()
    first.start("job", name="digits")
    first.start("lost", name="trial", parent="job")
    first.start("ended", name="trial", parent="job")
    first.end("ended")
    second = process()
    second.start("job", name="digits")
    second.start("prune", name="prune", parent="job")
    second.end_all("FAILED", "StageError")
    second.settle()
    ends = [each for each in store.operations if isinstance(each, End)][1:]
    assert [(end.run, end.status, end.reason) for end in ends] == [
        ("lost", "KILLED", INTERRUPTED),
        ("prune", "FAILED", "StageError"),
        ("job", "FAILED", "StageError"),
    ]


def test_the_id_of_a_run_waits_for_the_store_or_raises(process: Open, store: Memory) -> None:
    store.error = ConnectionError("away")
    outbox = process()
    run = outbox.start("job", name="digits")
    with pytest.raises(TrackingError, match="memory does not answer: away; kept in"):
        outbox.run_id(run)
    store.error = None
    assert outbox.run_id(run) == "id of job"


def test_a_line_that_nobody_reads_any_more_holds_nothing_up(store: Memory, folder: Path) -> None:
    def closed(_line: str) -> None:
        raise BrokenPipeError

    store.error = ConnectionError("away")
    outbox = Outbox(folder, store, closed, gather_s=0, pause_s=3600)
    outbox.log("trial", {"loss": 1.0}, 1)
    with pytest.raises(TrackingError, match="away"):
        outbox.settle()
    store.error = None
    outbox.settle()
    assert store.steps("trial") == [1]
    outbox.close()


def test_many_threads_may_record(process: Open, store: Memory) -> None:
    outbox = process()

    def record(run: str) -> None:
        for step in range(200):
            outbox.log(run, {"loss": 1.0}, step)

    threads = [threading.Thread(target=record, args=(f"run-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.settle()
    for number in range(4):
        assert store.steps(f"run-{number}") == list(range(200))
