"""What a user may get wrong: one line, exit code 2, nothing half-written."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from PIL import Image

from search.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
Prepare = Callable[[Path], dict[str, Any]]
BASE: dict[str, Any] = {"name": "job", "data": {"kind": "digits"}}


SUMS = {"kind": "arithmetic", "operation": "sum", "pairs": 1000}


def folder(root: Path, *classes: str, size: tuple[int, int] = (8, 8)) -> dict[str, Any]:
    for place, name in enumerate(classes):
        (root / "images" / name).mkdir(parents=True)
        for number in range(12):
            colour = (20 * number, 60 * place, 0)
            Image.new("RGB", size, colour).save(root / "images" / name / f"{number}.png")
    return {"kind": "image-folder", "root": str(root / "images")}


def empty_folder(root: Path) -> dict[str, Any]:
    (root / "images").mkdir()
    return {"data": {"kind": "image-folder", "root": str(root / "images")}}


def empty_class(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    (root / "images" / "emu").mkdir()
    return {"data": data}


def unreadable(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    (root / "images" / "cat" / "broken.png").write_bytes(b"\x89PNG broken")
    return {"data": data}


def mixed_sizes(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    Image.new("RGB", (9, 8)).save(root / "images" / "cat" / "wide.png")
    return {"data": data}


def mixed_modes(root: Path) -> dict[str, Any]:
    data = folder(root, "cat", "dog")
    Image.new("L", (8, 8)).save(root / "images" / "cat" / "grey.png")
    return {"data": data}


def array_of(change: Callable[[np.ndarray, np.ndarray], object]) -> Prepare:
    """A file of 40 images in two classes, with a change to its pixels or labels."""

    def prepare(root: Path) -> dict[str, Any]:
        pixels = np.random.default_rng(0).random((40, 8, 8))
        labels = np.arange(40) % 2
        change(pixels, labels)
        np.savez(root / "images.npz", images=pixels, labels=labels)
        return {"data": {"kind": "arrays", "path": str(root / "images.npz")}}

    return prepare


def too_small_for_lenet(root: Path) -> dict[str, Any]:
    return {
        "data": folder(root, "cat", "dog") | {"size": [2, 2]},
        "search": {"networks": [{"kind": "lenet"}], "recipe": {"batch_size": 4}},
    }


CASES: list[tuple[str, Prepare, list[str]]] = [
    ("unknown field", lambda _: {"serach": {}}, ["serach", "'search'"]),
    ("wrong type", lambda _: {"search": {"trials": "many"}}, ["search.trials", "'many'"]),
    ("target beyond any network", lambda _: {"prune": {"targets": [0.9999]}}, ["targets up to"]),
    (
        "target beyond these networks",
        lambda _: {
            "search": {"networks": [{"kind": "mlp", "depth": 1, "width": 64}]},
            "prune": {"targets": [0.99]},
        },
        ["prune.targets: 0.99", "at most"],
    ),
    (
        "missing root",
        lambda root: {"data": {"kind": "image-folder", "root": str(root / "no")}},
        ["/no"],
    ),
    ("empty folder", empty_folder, ["images"]),
    ("one class", lambda root: {"data": folder(root, "cat")}, ["images"]),
    ("empty class", empty_class, ["emu"]),
    ("unreadable image", unreadable, ["broken.png"]),
    ("mixed sizes", mixed_sizes, ["size"]),
    ("grey among colours", mixed_modes, ["cat/grey.png is grey", "data.mode: rgb"]),
    (
        "a regression of classes",
        lambda _: {"data": SUMS, "search": {"recipe": {"loss": "nll"}}},
        ["search.recipe.loss: 'nll'", "for a regression"],
    ),
    (
        "a network of pictures for pairs of numbers",
        lambda _: {"data": SUMS, "search": {"networks": [{"kind": "lenet"}]}},
        ["lenet.input_shape: (1, 1, 2)"],
    ),
    (
        "a teacher that is not there",
        lambda root: {"data": {"kind": "digits"}, "search": {"teacher": {"model": str(root)}}},
        ["manifest.json", "expected a saved model"],
    ),
    (
        "NaN in an array",
        array_of(lambda pixels, _: pixels.__setitem__((3, 2, 1), np.nan)),
        ["images.npz", "images[3, 2, 1] is nan"],
    ),
    (
        "label out of range",
        array_of(lambda _, labels: labels.__setitem__(5, -1)),
        ["images.npz", "labels[5] is -1", "0 to 1"],
    ),
    (
        "batch larger than the data",
        lambda root: {"data": folder(root, "cat", "dog")},
        ["search.recipe.batch_size: 64", "at most 15"],  # of 24, 5 for testing, 4 for validation
    ),
    ("no network fits", too_small_for_lenet, ["lenet", "(3, 2, 2)", "at least 4"]),
]


@pytest.mark.parametrize("verb", ["validate", "run"])
@pytest.mark.parametrize(
    ("prepare", "named"), [row[1:] for row in CASES], ids=[r[0] for r in CASES]
)
def test_it_is_one_line_that_names_what_is_wrong(
    verb: str, prepare: Prepare, named: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump(BASE | prepare(tmp_path)))
    result = CliRunner().invoke(main, [verb, str(spec)])
    assert result.exit_code == 2, result.output
    (line,) = result.output.splitlines()
    assert line.startswith("secateur: error: ")
    assert all(name in line for name in named), line
    assert not home.exists()


def test_images_that_are_skipped_are_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    data = unreadable(tmp_path)["data"] | {"on_error": "skip"}
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump(BASE | {"data": data, "search": {"recipe": {"batch_size": 8}}}))
    result = CliRunner().invoke(main, ["validate", str(spec)])
    assert result.exit_code == 0, result.output
    line, verdict = result.output.splitlines()
    assert "images skipped that could not be read: 1, the first " in line
    assert line.endswith("broken.png")
    assert "sound" in verdict


@pytest.mark.parametrize(
    "kind", ["mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100", "svhn"]
)
def test_published_data_that_are_nowhere_say_where_to_put_them(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECATEUR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    spec = tmp_path / "job.yaml"
    spec.write_text(yaml.safe_dump(BASE | {"data": {"kind": kind}}))
    result = CliRunner().invoke(main, ["validate", str(spec)])
    assert result.exit_code == 2
    assert "SECATEUR_DATA" in result.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["report", "nothing"], "no job here"),
        (["validate", "nowhere.yaml"], "nowhere.yaml"),
        (["predict", "--model", "m", "nowhere.png"], "nowhere.png"),
        (["run", "lenet-learning-rat"], "the study 'lenet-learning-rate'"),
    ],
)
def test_what_is_not_there_is_named(
    arguments: list[str], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert named in result.output


@pytest.mark.parametrize(
    "command", [["ui"], ["serve"], ["gateway", "--config", str(EXAMPLES / "gateway.yaml")]]
)
def test_a_port_that_is_taken_is_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, [*command, "--port", str(port)])
    assert result.exit_code == 1
    said = f"secateur: error: port {port} of 127.0.0.1 is taken; expected a free one\n"
    assert result.output == said


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    result = CliRunner().invoke(main, ["ui", "--port", port])
    assert result.exit_code == 2
    assert f"Invalid value for '--port': {port} is not in the range" in result.output


@pytest.mark.parametrize("host", ["8.8.8.8", "no-such-host.invalid", "::1"])
def test_a_host_that_is_not_this_machine_is_named(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(main, ["serve", "--host", host])
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith(f"secateur: error: host '{host}': ")
    assert line.endswith("; expected an IPv4 address of this machine")


def test_keys_that_cannot_be_read_are_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path / "home"))
    missing = str(tmp_path / "keys.txt")
    result = CliRunner().invoke(main, ["serve", "--port", "0", "--keys", missing])
    assert result.exit_code == 2
    expected = f"secateur: error: {missing}: No such file or directory; expected a file of keys\n"
    assert result.output == expected
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["promote", "m"], ["rollback", "m"]])
def test_a_store_of_runs_that_is_broken_is_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECATEUR_HOME", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    store = tmp_path / "mlflow.db"
    store.write_text("no database, and longer than the header of one " * 10, encoding="utf-8")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith(f"secateur: error: the registry at sqlite:///{store} cannot be opened: ")
    assert line.endswith("file is not a database")


@pytest.mark.parametrize("command", [["ui", "--port", "0"], ["serve", "--port", "0"]])
def test_a_home_that_is_a_file_is_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.touch()
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert str(home) in line
    assert "File exists" in line


def test_a_tracking_server_has_its_own_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@mlflow:5000")
    result = CliRunner().invoke(main, ["ui"])
    assert result.exit_code == 0
    assert result.output == "runs are at http://mlflow:5000, which has a page of its own\n"
