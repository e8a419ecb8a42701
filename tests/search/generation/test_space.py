"""From points of a generative search space to networks and recipes."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

from search.generation.space import realise
from search.space import JobSpace, nested
from secateur.spec import GenerationSpec, parse

SHAPE = (1, 8, 8)


@pytest.fixture
def spec() -> GenerationSpec:
    """Two families; of the recipe the rate, the loss and the critic's steps are free."""
    found = parse(
        {
            "name": "gan",
            "seed": 7,
            "task": "generation",
            "data": {"kind": "digits"},
            "search": {
                "steps": 150,
                "seconds": 20,
                "interval": 200,
                "networks": [
                    {"kind": "dcgan", "latent": 16, "width": [8, 16], "critic_width": 8},
                    {"kind": "mlp-gan", "width": 0.5},
                ],
                "recipe": {
                    "learning_rate": {"low": 0.001, "high": 0.002},
                    "loss": ["wasserstein", "least-squares"],
                    "critic_steps": {"low": 1, "high": 5},
                    "ema": 0.9,
                },
            },
        }
    )
    assert isinstance(found, GenerationSpec)
    return found


def test_only_what_is_free_is_suggested(spec: GenerationSpec) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    names = set()
    for _ in range(20):
        trial = study.ask()
        JobSpace(spec.search)(trial)
        names |= set(trial.params)
    assert names == {
        "network", "dcgan/width", "recipe/learning_rate", "recipe/loss", "recipe/critic_steps"
    }  # fmt: skip


def test_a_point_is_a_network_and_a_recipe(spec: GenerationSpec) -> None:
    params: dict[str, Any] = {
        "network": "dcgan", "dcgan/width": 16, "recipe/learning_rate": 0.0015,
        "recipe/loss": "wasserstein", "recipe/critic_steps": 5,
    }  # fmt: skip
    architecture, recipe = realise(spec, nested(params), SHAPE)
    assert (architecture.name, architecture.input_shape) == ("dcgan", SHAPE)
    assert architecture.arguments["width"] == 16
    assert architecture.arguments["latent"] == 16
    assert (recipe.loss, recipe.critic_steps, recipe.learning_rate) == ("wasserstein", 5, 0.0015)
    assert (recipe.ema, recipe.critic_rate) == (0.9, None)


def test_bounds_and_seed_are_the_jobs(spec: GenerationSpec) -> None:
    _, recipe = realise(spec, {"network": "mlp-gan", "recipe": {"learning_rate": 0.001,
                        "loss": "least-squares", "critic_steps": 1}}, SHAPE)  # fmt: skip
    assert (recipe.steps, recipe.seconds, recipe.seed) == (150, 20, 7)
    # A report at the end at least.
    assert recipe.interval == 150
