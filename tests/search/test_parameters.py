from __future__ import annotations

from pathlib import Path

import pytest
from mlflow.utils.validation import MAX_ENTITY_KEY_LENGTH, _validate_param

from search import parameters
from secateur.records import Architecture, Recipe
from secateur.spec import load

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
JOBS = [path for path in EXAMPLES if path.stem not in {"server", "gateway"}]


def test_nested_fields_have_dotted_names() -> None:
    content = {"prune": {"agent": {"kind": "ddpg", "noise": 0.4}}, "seed": 3}
    expected = {"prune.agent.kind": "ddpg", "prune.agent.noise": 0.4, "seed": 3}
    assert parameters.flat(content) == expected


def test_families_go_by_their_kind() -> None:
    networks = [{"kind": "lenet", "width": [1.0, 2.0]}, {"kind": "mlp", "depth": 2}]
    found = parameters.flat({"networks": networks})
    assert found == {"networks.lenet.width": "[1.0, 2.0]", "networks.mlp.depth": 2}


def test_what_yaml_writes_otherwise_is_written_as_in_yaml() -> None:
    content = {"prune": None, "race": True, "targets": [0.5, 0.75], "augment": [], "loss": "mse"}
    assert parameters.flat(content) == {
        "prune": "null", "race": "true", "targets": "[0.5, 0.75]", "augment": "[]", "loss": "mse",
    }  # fmt: skip


def test_a_trial_is_its_network_and_its_recipe() -> None:
    network = Architecture(
        name="lenet", arguments={"width": 2.0}, input_shape=(1, 8, 8), classes=10
    )
    found = parameters.of_trial(network, Recipe(optimizer="momentum", learning_rate=0.05))
    assert (found["network"], found["lenet.width"]) == ("lenet", 2.0)
    assert (found["recipe.optimizer"], found["recipe.learning_rate"]) == ("momentum", 0.05)


@pytest.mark.parametrize("path", JOBS, ids=[path.stem for path in JOBS])
def test_mlflow_takes_every_field_of_a_job(path: Path) -> None:
    found = parameters.of_job(load(path))
    assert {"name", "seed", "data.kind", "publish.min_flops_cut"} < set(found)
    for name, value in found.items():
        assert len(name) <= MAX_ENTITY_KEY_LENGTH
        _validate_param(name, str(value))
