"""``secateur promote`` and ``rollback`` as a user has them, on a registry in a SQLite file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from search.cli import main
from secateur import manifest
from secateur.gate import Gate
from secateur.generator_gate import GeneratorGate
from secateur.manifest import Manifest
from secateur.records import Architecture, Figures, GeneratorFigures, Likeness
from secateur.tracking.publication import GATE
from secateur.tracking.registry import Registry

DENSE = Figures(accuracy=0.95, flops=1000, parameters=10, size_bytes=100, latency_ms=1.0)
BOUNDS = Gate(min_accuracy=0.93, max_accuracy_drop=0.02).model_dump_json()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose registry has champion 1, a sound version 2 and an inaccurate challenger 3."""
    home = tmp_path_factory.mktemp("home")
    registry = Registry(f"sqlite:///{home / 'mlflow.db'}")
    registry.client.create_registered_model("digits")
    for accuracy in (0.94, 0.94, 0.90):
        root = tmp_path_factory.mktemp("version")
        (root / "extra_files").mkdir()
        content = Manifest(
            architecture=Architecture(name="mlp", input_shape=(1, 2, 2), classes=2),
            labels=("a", "b"),
            mean=(0.0,),
            std=(1.0,),
            figures=DENSE.model_copy(update={"accuracy": accuracy}),
            dense_figures=DENSE,
        )
        manifest.write(root / "extra_files", content)
        registry.client.create_model_version("digits", root.as_uri(), tags={GATE: BOUNDS})
    registry.assign("digits", "champion", "1")
    registry.assign("digits", "challenger", "3")
    return home


@pytest.fixture(scope="module")
def gan(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A generator with a sound version 1, and a challenger 2 whose images are far from real."""
    registry = Registry(f"sqlite:///{home / 'mlflow.db'}")
    registry.client.create_registered_model("gan")
    gate = GeneratorGate(max_distance_ratio=1.5).model_dump_json()

    def figures(distance: float) -> GeneratorFigures:
        likeness = Likeness(judge="digits", images=500, distance=distance, kernel_distance=0.0,
                            coverage=0.9, collapsed=False)  # fmt: skip
        costs = DENSE.model_dump(exclude={"accuracy", "mse", "mae"})
        return GeneratorFigures(likeness=likeness, **costs)

    for distance in (2.0, 5.0):
        root = tmp_path_factory.mktemp("version")
        (root / "extra_files").mkdir()
        content = Manifest(
            task="generation",
            architecture=Architecture(name="dcgan", input_shape=(1, 8, 8), classes=1),
            labels=(),
            mean=(0.5,),
            std=(0.5,),
            figures=figures(distance),
            dense_figures=figures(2.0),
        )
        manifest.write(root / "extra_files", content)
        registry.client.create_model_version("gan", root.as_uri(), tags={GATE: gate})
    registry.assign("gan", "challenger", "2")


@pytest.fixture
def secateur(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("SECATEUR_HOME", str(home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_a_story(secateur: Callable[..., Result]) -> None:
    """What one person types in a row."""
    refusal = "accuracy 90.00% is below publish.min_accuracy 93.00%; accuracy drop 5.00% is above"
    for arguments, code, words in (
        (
            ("promote", "digits", "--version", "2"),
            0,
            "digits version 2 is champion, after version 1",
        ),
        (("promote", "digits"), 3, f"digits version 3: {refusal}"),
        (("promote", "digits", "--force"), 0, "digits version 3 is champion, after version 2"),
        (("promote", "digits"), 2, "digits has no challenger"),
        (("rollback", "digits"), 0, "digits version 2 is champion, after version 3"),
        (("rollback", "digits"), 0, "digits version 1 is champion, after version 2"),
        (("rollback", "digits"), 2, "digits has had no champion before version 1"),
        (("rollback", "stranger"), 2, "expected one of: digits"),
        (("promote", "stranger"), 2, "models:/stranger: not in the registry at sqlite:///"),
        (("promote", "stranger"), 2, "mlflow.db; expected one of: digits"),
        (("promote", "digits", "--version", "7"), 2, "models:/digits/7: not in the registry"),
    ):
        done = secateur(*arguments)
        assert (done.exit_code, len(done.output.splitlines())) == (code, 1), done.output
        assert words in done.output


@pytest.mark.usefixtures("gan")
def test_generators_are_held_to_a_gate_of_their_own(secateur: Callable[..., Result]) -> None:
    done = secateur("promote", "gan")
    assert done.exit_code == 3
    assert (
        "gan version 2: distance 5 after 2 is above publish.max_distance_ratio 1.5" in done.output
    )
    done = secateur("promote", "gan", "--version", "1")
    assert (done.exit_code, done.output) == (0, "gan version 1 is champion\n")
