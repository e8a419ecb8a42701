from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from search import model_card
from search.chronicle import Chronicle, reason
from search.ledger import Ledger
from search.reports import story
from secateur import artifacts, manifest
from secateur.data import Dataset, load
from secateur.manifest import Manifest
from secateur.models.registry import build
from secateur.records import (
    Evaluation,
    Provenance,
    PruningResult,
    Publication,
    SearchResult,
)
from secateur.spec import ImageFolderData, JobSpec, parse
from secateur.tracking import names
from secateur.tracking.port import Status, UsedData


class Notes:
    """A tracker that keeps what it is told."""

    def __init__(self) -> None:
        self.parameters: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.metrics: list[tuple[str, int, dict[str, float]]] = []
        self.inputs: dict[str, UsedData] = {}
        self.files: list[Path] = []

    def start(self, key: str, *, name: str, parent: str | None = None, parameters: Any = None,
              tags: Any = None, identity: str = "") -> str:  # fmt: skip
        self.parameters[key] = dict(parameters or {})
        self.tags[key] = dict(tags or {})
        return key

    def log(self, run: str, metrics: Mapping[str, float], step: int = 0) -> None:
        self.metrics.append((run, step, dict(metrics)))

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        self.tags[run] |= tags

    def use(self, run: str, data: UsedData, role: str) -> None:
        self.inputs[role] = data

    def attach(self, run: str, path: Path, folder: str = "") -> None:
        self.files.append(path)

    def end(self, run: str, status: Status = "FINISHED", reason: str | None = None) -> None:
        pass

    def run_id(self, run: str) -> str:
        return run


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load(parse({"name": "digits", "data": {"kind": "digits", "limit": 100}}).data, seed=0)


@pytest.fixture
def ledger(spec: JobSpec, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "digits")
    with ledger.held(spec):
        yield ledger


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def chronicle(spec: JobSpec, data: Dataset, ledger: Ledger, notes: Notes) -> Chronicle:
    return Chronicle(spec, data, ledger, notes, story.told)


def test_the_spec_lies_beside_the_run_as_it_can_be_run(
    chronicle: Chronicle, spec: JobSpec, notes: Notes
) -> None:
    (file,) = notes.files
    assert file.name == "job.yaml"
    assert parse(yaml.safe_load(file.read_text(encoding="utf-8"))) == spec


def test_fields_and_digests_are_parameters(
    chronicle: Chronicle, data: Dataset, notes: Notes
) -> None:
    parameters = notes.parameters["job"]
    assert parameters["search.networks.lenet.width"] == "[1.0, 2.0]"
    assert parameters["prune.agent.kind"] == "ddpg"
    assert parameters["data.digest"] == data.digest


def test_versions_and_machine_are_tags(chronicle: Chronicle, ledger: Ledger, notes: Notes) -> None:
    made, tags = ledger.read("provenance", Provenance), notes.tags["job"]
    assert made is not None
    assert tags["version.torch"] == made.versions["torch"]
    assert tags["machine.processor"] == made.machine.processor
    ours = {name for name in tags if not name.startswith("mlflow.")}
    assert ours <= names.RUN_TAGS


def test_the_three_splits_are_inputs(chronicle: Chronicle, data: Dataset, notes: Notes) -> None:
    sizes = {role: used.profile["images"] for role, used in notes.inputs.items()}
    # A fifth of the 100 is for validation; of all 1,797, a fifth is for testing.
    assert sizes == {"train": 80, "validation": 20, "test": len(data.test)}
    assert len({used.digest for used in notes.inputs.values()}) == 3
    assert notes.inputs["train"].profile["shape"] == "1x8x8"


def test_a_folder_of_data_is_named_in_full(
    spec: JobSpec, data: Dataset, ledger: Ledger, notes: Notes
) -> None:
    folder = spec.model_copy(update={"data": ImageFolderData(root="pets")})
    Chronicle(folder, data, ledger, notes, story.told)
    assert {used.source for used in notes.inputs.values()} == {str(Path.cwd() / "pets")}


def test_a_stage_has_its_cost_and_the_job_has_all(chronicle: Chronicle, notes: Notes) -> None:
    with chronicle.running(), chronicle.stage("search", "search"):
        pass
    spent = [found for found in notes.metrics if names.CPU_HOURS in found[2]]
    assert [(run, step) for run, step, _ in spent] == [("search", 0), ("job", 0)]
    assert spent[1][2][names.CPU_HOURS] >= spent[0][2][names.CPU_HOURS]


def test_an_interruption_is_told(chronicle: Chronicle, notes: Notes) -> None:
    with pytest.raises(KeyboardInterrupt), chronicle.running():
        raise KeyboardInterrupt
    assert "**Stopped:** interrupted" in notes.tags["job"][names.NOTE]


def test_reasons_are_one_line() -> None:
    assert reason(KeyboardInterrupt("search stopped after 2 of 3 trials")) == "interrupted"
    assert reason(ValueError("first\nsecond")) == "ValueError: first"
    assert reason(MemoryError()) == "MemoryError"


def test_the_published_version_is_named(chronicle: Chronicle, notes: Notes) -> None:
    chronicle.published(Publication(name="digits", version="5"))
    assert (notes.tags["job"]["model.name"], notes.tags["job"]["model.version"]) == ("digits", "5")


def test_a_refusal_names_no_version(chronicle: Chronicle, notes: Notes) -> None:
    chronicle.published(Publication(name="digits", version=None, failures=("too bad",)))
    assert "model.version" not in notes.tags["job"]


def test_the_card_of_a_compressed_network(
    chronicle: Chronicle,
    ledger: Ledger,
    data: Dataset,
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    evaluation: Evaluation,
) -> None:
    dense = evaluation.dense.model_copy(update={"artifact": "models/dense"})
    ledger.write("search", SearchResult, searched)
    ledger.write("prune", tuple[PruningResult, ...], pruned)
    ledger.write("evaluate", Evaluation, evaluation.model_copy(update={"dense": dense}))
    folder = ledger.folder / "models" / "dense"
    architecture = searched.best.architecture
    content = Manifest(architecture=architecture, labels=data.labels, mean=(0.5,), std=(0.5,))
    artifacts.save(folder, build(architecture), content)
    card = model_card.card(ledger, data, job="the job", trained="the trial")
    assert set(card.tags) <= names.VERSION_TAGS
    assert card.tags["job"] == "digits"
    # The figures of the fixture: 500 of 1,000 FLOPs at 97.5 %, 98 % dense.
    assert (card.tags["cost/flops"], card.tags["dense/cost/flops"]) == ("500", "1000")
    assert (card.tags["test/accuracy"], card.tags["dense/test/accuracy"]) == ("0.975", "0.98")
    assert card.tags["flops_cut"] == "0.5"
    assert card.tags["policy"] == (
        '{"first": {"kept": 6, "of": 8}, "second": {"kept": 8, "of": 16}}'
    )
    assert card.tags["parent.run"] == "the trial"
    assert card.tags["parent.manifest_sha256"] == manifest.digest(folder / manifest.MANIFEST)
    assert card.example is not None
    assert card.example.shape == (1, 1, 8, 8)
    # Pixels in [0, 1], of which some are ink.
    assert (card.example.min(), card.example.max()) == (0, 1)
    assert "Takes `images`, float32 (n, 1, 8, 8), pixels in [0, 1]" in card.description
    assert "an accuracy drop of at most 2.00%" in card.description


def test_the_card_of_a_dense_network_names_no_parent(
    chronicle: Chronicle,
    ledger: Ledger,
    data: Dataset,
    searched: SearchResult,
    evaluation: Evaluation,
) -> None:
    ledger.write("search", SearchResult, searched)
    alone = evaluation.model_copy(update={"compressed": (), "chosen": None})
    ledger.write("evaluate", Evaluation, alone)
    card = model_card.card(ledger, data, job="the job", trained="the trial")
    assert {"policy", "parent.artifact"} & set(card.tags) == set()
    assert card.tags["flops_cut"] == "0"
