"""What the follower makes of a registry that changes, breaks, goes away and comes back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secateur.errors import RegistryUnreachableError
from secateur.manifest import GRAPH
from serving.catalogue import Catalogue, Model, Open
from serving.follower import Follower
from serving.model_metadata import metadata
from serving.source import FolderSource, RegistrySource
from tests.serving.kinds import SaveModel

WHITE = np.ones((1, 1, 4, 4), np.float32)
AWAY = RegistryUnreachableError("no route to http://registry")
HANG_S = 30.0  # a test that would wait so long has failed


class Watched(Catalogue):
    """A catalogue that tells when it is changed."""

    crowned = threading.Event()

    def crown(self, champion: Model) -> None:
        super().crown(champion)
        self.crowned.set()


@pytest.fixture
def catalogue(source: RegistrySource, opened: Open) -> Catalogue:
    Watched.crowned.clear()
    return Watched.load([source], opened)


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def follower(
    catalogue: Catalogue, source: RegistrySource, opened: Open, clock: list[float]
) -> Follower:
    return Follower(catalogue, [source], opened, 2.0, challengers=True, clock=lambda: clock[0])


@pytest.fixture
def says(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Lines of the log since the last call."""
    caplog.set_level(logging.INFO, "serving.follower")

    def lines() -> list[str]:
        messages = [record.getMessage() for record in caplog.records]
        caplog.clear()
        return messages

    return lines


def broken(folder: Path) -> Path:
    (folder / GRAPH).write_bytes(b"other")
    return folder


def restarted(source: RegistrySource, opened: Open) -> tuple[Catalogue, Follower]:
    """A server that has just begun, and looked once."""
    catalogue = Catalogue.load([source], opened)
    follower = Follower(catalogue, [source], opened, 2.0, challengers=True)
    follower.poll()
    return catalogue, follower


def state(catalogue: Catalogue) -> tuple[str, str | None]:
    """The champion's version, and why it is kept, as clients see both."""
    source = metadata(catalogue, catalogue.get("brightness")).parameters.source
    assert source is not None
    assert (source.state == "kept") == (source.reason is not None)
    return catalogue.get("brightness").version, source.reason


def test_nothing_new(follower: Follower, catalogue: Catalogue, registry: Any, says: Any) -> None:
    before = catalogue.get("brightness")
    follower.poll()
    follower.poll()
    assert catalogue.get("brightness") is before
    assert state(catalogue) == ("1", None)
    assert registry.downloads == ["1"]
    assert says() == []


def test_a_new_champion(
    follower: Follower, catalogue: Catalogue, source: Any, registry: Any, save_model: SaveModel,
    says: Any,
) -> None:  # fmt: skip
    old = catalogue.get("brightness")
    registry.publish("2", save_model(gain=8.0))
    follower.poll()
    assert state(catalogue) == ("2", None)
    # P(bright) of a white image is 1 / (1 + exp(-gain / 2)); who held the old one may go on.
    for model, expected in ((old, 0.8807971), (catalogue.get("brightness"), 0.9820138)):
        assert model.network.run(WHITE)[0, 1] == pytest.approx(expected)
    assert says() == ["brightness: version 2 is champion"]
    registry.fault = AWAY
    assert source.kept().version == "2"


def test_an_older_version_becomes_champion_again(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel
) -> None:
    registry.publish("2", save_model(gain=8.0))
    follower.poll()
    registry.aliases["champion"] = "1"
    follower.poll()
    assert state(catalogue) == ("1", None)
    assert registry.downloads == ["1", "2"]


@pytest.mark.parametrize(
    ("make", "reason", "detail"),
    [
        (lambda save: broken(save()), "version 2 is broken", "SHA-256 differs"),
        (lambda save: save(content=b"no graph"), "version 2 cannot be opened", "does not open"),
        (
            lambda save: save(name_out="other"),
            "version 2 cannot be opened",
            "has inputs and outputs",
        ),
        (lambda save: Path("gone"), "version 2 cannot be fetched", "gone"),
    ],
)
def test_a_bad_version_leaves_the_last_good_one(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel, says: Any,
    make: Callable[[SaveModel], Path], reason: str, detail: str,
) -> None:  # fmt: skip
    registry.publish("2", make(save_model))
    for _ in range(3):
        follower.poll()
        assert state(catalogue) == ("1", reason)
    (line,) = says()  # once for every cause
    assert line.startswith(f"brightness@champion: version 1 stays: {reason}: ")
    assert detail in line


def test_a_wrong_digest_in_the_registry(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel, says: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The folder agrees with its manifest, but the manifest is not the one published."""
    registry.publish("2", save_model(gain=8.0))
    monkeypatch.setattr(registry, "seal", lambda name, version: "00")
    follower.poll()
    assert state(catalogue) == ("1", "version 2 is broken")
    assert "SHA-256 differs from the registry's 00" in says()[0]


def test_a_bad_version_is_tried_again_ever_more_rarely(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel,
    clock: list[float],
) -> None:  # fmt: skip
    """At 0 s, and then 2, 4, 8, ... seconds after the last try: at 2, 6, 14, 30 and so on."""
    registry.publish("2", broken(save_model()))
    tried = []
    for second in range(32):
        clock[0] = float(second)
        before = len(registry.downloads)
        follower.poll()
        if len(registry.downloads) > before:
            tried.append(second)
    assert tried == [0, 2, 6, 14, 30]
    registry.publish("3", save_model(gain=8.0))  # another version waits for nothing
    follower.poll()
    assert state(catalogue) == ("3", None)


def test_a_mended_version(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel, says: Any,
    clock: list[float],
) -> None:  # fmt: skip
    registry.publish("2", broken(save_model()))
    follower.poll()
    registry.publish("2", save_model(gain=8.0))
    clock[0] = 2.0
    follower.poll()
    assert state(catalogue) == ("2", None)
    assert says()[1:] == [
        "brightness: version 2 is champion",
        "brightness@champion: follows its registry again",
    ]


@pytest.mark.parametrize("fault", [AWAY, ConnectionError("refused"), ZeroDivisionError("a bug")])
def test_the_registry_is_away_and_comes_back(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel, says: Any,
    fault: Exception,
) -> None:  # fmt: skip
    registry.publish("2", save_model(gain=8.0))
    registry.fault = fault
    follower.poll()
    follower.poll()
    assert state(catalogue) == ("1", "the registry does not answer")
    assert len([line for line in says() if "@champion" in line]) == 1
    registry.fault = None
    follower.poll()
    assert state(catalogue) == ("2", None)


def test_the_champion_is_taken_away(
    follower: Follower, catalogue: Catalogue, registry: Any
) -> None:
    registry.aliases.clear()
    follower.poll()
    assert state(catalogue) == ("1", "the registry names no champion")


def test_a_challenger_comes_and_goes(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel, says: Any
) -> None:
    follower.poll()
    assert catalogue.challenger("brightness") is None
    registry.publish("2", save_model(gain=8.0), alias="challenger")
    follower.poll()
    assert catalogue.get("brightness", "2") is catalogue.challenger("brightness")
    described = metadata(catalogue, catalogue.get("brightness", "2"))
    assert described.versions == ("1", "2")
    assert (described.parameters.role, described.parameters.source) == ("challenger", None)
    registry.fault = AWAY
    follower.poll()
    assert catalogue.get("brightness", "2").version == "2"
    registry.fault = None
    del registry.aliases["challenger"]
    follower.poll()
    assert catalogue.challenger("brightness") is None
    assert says()[0] == "brightness: version 2 is challenger"


def test_a_challenger_that_is_broken(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel, says: Any
) -> None:
    registry.publish("2", broken(save_model()), alias="challenger")
    follower.poll()
    assert catalogue.challenger("brightness") is None
    assert state(catalogue) == ("1", None)
    assert says()[0].startswith("brightness@challenger: there is none: version 2 is broken: ")


def test_a_challenger_is_promoted(
    follower: Follower, catalogue: Catalogue, registry: Any, save_model: SaveModel
) -> None:
    registry.publish("2", save_model(gain=8.0), alias="challenger")
    follower.poll()
    registry.aliases = {"champion": "2"}
    follower.poll()
    assert metadata(catalogue, catalogue.get("brightness")).versions == ("2",)
    assert registry.downloads == ["1", "2"]


@pytest.mark.parametrize("fault", [AWAY, ConnectionError("refused")])
def test_a_restart_without_registry_has_the_challenger_too(
    follower: Follower, source: RegistrySource, registry: Any, opened: Open,
    save_model: SaveModel, says: Any, fault: Exception,
) -> None:  # fmt: skip
    registry.publish("2", save_model(gain=8.0), alias="challenger")
    follower.poll()
    registry.fault = fault
    says()
    catalogue, again = restarted(source, opened)
    assert [catalogue.get("brightness", version).version for version in "12"] == ["1", "2"]
    assert says()[-1].startswith("brightness@challenger: version 2 stays: the registry does not")
    # It follows the registry as soon as that is back, here to a challenger that is none any more.
    registry.fault = None
    del registry.aliases["challenger"]
    again.poll()
    assert catalogue.challenger("brightness") is None


def test_a_challenger_that_was_taken_away_does_not_come_back(
    follower: Follower, source: RegistrySource, registry: Any, opened: Open, save_model: SaveModel
) -> None:
    registry.publish("2", save_model(gain=8.0), alias="challenger")
    follower.poll()
    del registry.aliases["challenger"]
    follower.poll()
    registry.fault = AWAY
    catalogue, _ = restarted(source, opened)
    assert catalogue.challenger("brightness") is None


def test_a_restart_with_a_broken_challenger_has_the_last_good_one(
    follower: Follower, source: RegistrySource, registry: Any, opened: Open, save_model: SaveModel
) -> None:
    registry.publish("2", save_model(gain=8.0), alias="challenger")
    follower.poll()
    registry.publish("3", broken(save_model()), alias="challenger")
    catalogue, _ = restarted(source, opened)
    assert catalogue.get("brightness", "2") is catalogue.challenger("brightness")


def test_a_kept_challenger_that_does_not_open(
    source: RegistrySource, registry: Any, opened: Open, save_model: SaveModel, says: Any
) -> None:
    registry.publish("2", save_model(content=b"no graph"), alias="challenger")
    rival = source.challenger()
    assert rival is not None
    rival.keep(rival.fetch("2"))
    source.keep(source.fetch("1"))
    registry.fault = AWAY
    catalogue, follower = restarted(source, opened)
    follower.poll()
    assert catalogue.challenger("brightness") is None
    told = [line for line in says() if "@challenger: the kept version cannot be opened" in line]
    assert len(told) == 1


def test_the_thread(
    follower: Follower, catalogue: Watched, registry: Any, save_model: SaveModel
) -> None:
    registry.publish("2", save_model(gain=8.0))
    follower.start()
    assert catalogue.crowned.wait(HANG_S)
    follower.stop()
    assert catalogue.get("brightness").version == "2"


def test_a_registry_that_hangs_holds_nobody_up(
    catalogue: Catalogue, source: Any, registry: Any, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer = threading.Event(), threading.Event()

    def hang(name: str, alias: str) -> str:
        asked.set()
        assert answer.wait(HANG_S)
        return "1"

    follower = Follower(catalogue, [source], opened, 2.0)
    follower.poll()
    monkeypatch.setattr(registry, "resolve", hang)
    follower.start()
    assert asked.wait(HANG_S)
    assert catalogue.get("brightness").network.run(WHITE)[0, 1] == pytest.approx(0.8807971)
    monkeypatch.setattr("serving.catalogue.SILENT_S", -3.0)  # as if a minute had gone by
    version, reason = state(catalogue)
    assert version == "1"
    assert reason is not None
    assert reason.startswith("the registry has not answered for ")
    follower.stop()  # returns, though nobody has answered
    thread = next(one for one in threading.enumerate() if one.name == "follower")
    assert thread.daemon
    answer.set()
    thread.join(HANG_S)
    assert not thread.is_alive()


def test_a_look_is_not_late_before_it_is_due(
    catalogue: Catalogue, source: RegistrySource, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every ten minutes here: late is what is a minute later than that."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    Follower(catalogue, [source], opened, 600.0).poll()
    monkeypatch.setattr(time, "time", lambda: now + 600)
    assert state(catalogue) == ("1", None)
    monkeypatch.setattr(time, "time", lambda: now + 700)
    assert state(catalogue) == ("1", "the registry has not answered for 700 seconds")


def test_one_source_that_fails_leaves_the_others(
    source: RegistrySource, registry: Any, saved: Path, opened: Open, save_model: SaveModel
) -> None:
    folder = FolderSource("steady", saved)
    away = RegistrySource("away", "uri", source.cache, connect=registry)
    catalogue = Catalogue.load([away, folder, source], opened)

    def unreachable(uri: str) -> Any:
        raise AWAY

    away = RegistrySource("away", "uri", source.cache, connect=unreachable)
    registry.publish("2", save_model(gain=8.0))
    Follower(catalogue, [away, folder, source], opened, 2.0).poll()
    assert [model.version for model in catalogue] == ["1", "1", "2"]
