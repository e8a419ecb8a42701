from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
from ray import cloudpickle

from search.space import JobSpace, extreme, realise, starts_from
from secateur.spaces import LeNetSpace, Range, StartsFrom, dimensions
from secateur.spec import JobSpec, parse

SPEC = parse(
    {
        "name": "job",
        "seed": 5,
        "data": {"kind": "digits"},
        "search": {
            "epochs": 7,
            "networks": [
                {"kind": "mlp", "depth": {"low": 1, "high": 3}, "width": 64, "dropout": [0.0, 0.5]},
                {"kind": "lenet", "width": 2.0, "pooling": ["max", "average"]},
            ],
            "recipe": {
                "optimizer": "adam",
                "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
                "weight_decay": 0.0,
                "batch_size": 32,
            },
        },
    }
)


def suggested(spec: JobSpec, fixed: dict[str, object]) -> optuna.trial.FixedTrial:
    trial = optuna.trial.FixedTrial(fixed)
    JobSpace(spec.search)(trial)
    return trial


def test_only_the_chosen_familys_open_dimensions_are_suggested() -> None:
    point = {"network": "mlp", "mlp/depth": 2, "mlp/dropout": 0.5, "recipe/learning_rate": 0.01}
    trial = suggested(SPEC, point)
    assert trial.params == point
    assert trial.distributions["recipe/learning_rate"].log
    assert isinstance(trial.distributions["mlp/depth"], optuna.distributions.IntDistribution)


def test_a_point_is_realised_with_the_fixed_dimensions() -> None:
    point = {"network": "lenet", "lenet": {"pooling": "average"}, "recipe": {"learning_rate": 0.01}}
    architecture, recipe = realise(SPEC, point, (1, 8, 8), 10)
    assert architecture.name == "lenet"
    assert architecture.arguments["width"] == 2.0
    assert architecture.arguments["pooling"] == "average"
    assert (recipe.optimizer, recipe.learning_rate, recipe.batch_size) == ("adam", 0.01, 32)
    assert (recipe.epochs, recipe.seed) == (7, 5)


def test_weights_to_start_from_are_no_argument_of_the_network() -> None:
    networks = [{"kind": "mlp"}, {"kind": "vgg", "weights": "/weights/vgg11.pth"}]
    spec = parse({"name": "job", "data": {"kind": "digits"}, "search": {"networks": networks}})
    architecture, _ = realise(spec, {"network": "vgg"}, (1, 8, 8), 10)
    assert "weights" not in architecture.arguments
    assert starts_from(spec, "vgg") == StartsFrom(Path("/weights/vgg11.pth"))
    assert starts_from(spec, "mlp") == StartsFrom()


@pytest.mark.parametrize(
    ("chosen", "layers"),
    [
        ({"start": "fine-tuning"}, None),
        ({"start": "feature-extractor"}, 1),
        ({"start": "top-layers"}, 3),
        ({"start": "top-layers", "top_layers": 2}, 2),
    ],
)
def test_a_start_says_how_many_layers_learn(chosen: dict[str, Any], layers: int | None) -> None:
    networks = [{"kind": "vgg", "weights": "/weights/vgg11.pth", **chosen}]
    spec = parse({"name": "job", "data": {"kind": "digits"}, "search": {"networks": networks}})
    spec = JobSpec.model_validate_json(spec.model_dump_json())  # as a job that goes on has it
    assert starts_from(spec, "vgg").learning_layers == layers
    assert dimensions(spec.search.networks[0]).keys().isdisjoint(chosen)


def test_every_suggestion_can_be_realised() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    kinds = set()
    for _ in range(30):
        trial = study.ask()
        JobSpace(SPEC.search)(trial)
        nested: dict[str, object] = {"network": trial.params["network"]}
        for name, value in trial.params.items():
            group, _, field = name.partition("/")
            if field:
                nested.setdefault(group, {})[field] = value
        architecture, _ = realise(SPEC, nested, (1, 8, 8), 10)
        kinds.add(architecture.name)
    assert kinds == {"mlp", "lenet"}


def test_the_space_survives_pickling() -> None:
    assert cloudpickle.loads(cloudpickle.dumps(JobSpace(SPEC.search))) == JobSpace(SPEC.search)


@pytest.mark.parametrize("missing", ["mlp/depth", "recipe/learning_rate"])
def test_a_dimension_that_is_open_must_be_suggested(missing: str) -> None:
    point = {"network": "mlp", "mlp/depth": 2, "mlp/dropout": 0.5, "recipe/learning_rate": 0.01}
    del point[missing]
    with pytest.raises(ValueError, match=missing):
        suggested(SPEC, point)


def test_the_extremes_of_a_space_are_its_numbers_however_they_are_listed() -> None:
    space = LeNetSpace(
        width=(1.0, 4.0, 0.5), dropout=Range(low=0.1, high=0.3), pooling=("max", "average")
    )
    named = {"activation": "relu", "last_activation": "same", "normalization": "none"}
    assert extreme(space, largest=False) == named | {
        "width": 0.5, "dropout": 0.1, "pooling": "max"
    }  # fmt: skip
    assert extreme(space, largest=True) == named | {
        "width": 4.0, "dropout": 0.3, "pooling": "average"
    }  # fmt: skip
