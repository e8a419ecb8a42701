"""A training that was kept goes on as if it had not been interrupted."""

from __future__ import annotations

import io
from itertools import islice
from typing import Any

import pytest
import torch
from torch import Tensor

from secateur.models.generators import families
from secateur.records import Architecture, GenerativeRecipe
from secateur.training.generative import GenerativeModel, begin, loop, train
from tests.secateur.training.generative.test_train import SMALL

# 40 images in batches of 16: an interval ends within a pass over them, and two within the next.
PIXELS = torch.randint(0, 256, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0)).byte()
RECIPE = GenerativeRecipe(
    steps=6, interval=1, batch_size=16, schedule="cosine", ema=0.9, learning_rate=1e-3
)
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in sorted(families())),
    ("dcgan", {"constraint": "gradient-penalty", "loss": "wasserstein", "critic_steps": 2}),
    ("dcgan", {"constraint": "spectral-norm"}),
    ("mlp-gan", {"optimizer": "momentum", "critic_rate": 1e-2}),
]


def model_of(name: str, recipe: GenerativeRecipe) -> GenerativeModel:
    asked = Architecture(name=name, arguments=SMALL[name], input_shape=(1, 8, 8), classes=1)
    return begin(asked, recipe)


def through_a_file(state: dict[str, Any]) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    found: dict[str, Any] = torch.load(file, weights_only=True)
    return found


def weights(model: GenerativeModel) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("played", [1, 3, 6])
@pytest.mark.parametrize(("name", "fields"), VARIANTS)
def test_goes_on_to_the_same_weights(name: str, fields: dict[str, Any], played: int) -> None:
    recipe = RECIPE.model_copy(update=fields)
    whole = model_of(name, recipe)
    losses = [metrics.losses for metrics in train(whole, PIXELS, recipe)]

    interrupted = train(model_of(name, recipe), PIXELS, recipe)
    before = [metrics.losses for metrics in islice(interrupted, played)]
    resumed = model_of(name, recipe)
    training = train(resumed, PIXELS, recipe)
    assert training.load_state_dict(through_a_file(interrupted.state_dict()))
    assert before + [metrics.losses for metrics in training] == losses
    found = weights(resumed)
    assert all(torch.equal(found[key], value) for key, value in weights(whole).items())


def test_time_that_was_spent_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr(loop, "process_time", lambda: float(next(ticks)))
    recipe = RECIPE.model_copy(update={"seconds": 1000.0})
    first = train(model_of("mlp-gan", recipe), PIXELS, recipe)
    spent = [metrics.seconds for metrics in islice(first, 2)]
    again = train(model_of("mlp-gan", recipe), PIXELS, recipe)
    again.load_state_dict(first.state_dict())
    # Every interval takes as many looks at the clock.
    assert next(again).seconds - spent[1] == spent[1] - spent[0] == spent[0]


def test_the_state_of_a_training_on_other_images_changes_nothing() -> None:
    first = train(model_of("vae", RECIPE), PIXELS, RECIPE)
    next(first)
    training = train(model_of("vae", RECIPE), PIXELS.flip(0) // 2, RECIPE)
    assert not training.load_state_dict(first.state_dict())
    assert next(training).step == 1


@pytest.mark.parametrize("other", [{"learning_rate": 2e-3}, {"seed": 1}])
def test_the_state_of_another_training_changes_nothing(other: dict[str, Any]) -> None:
    first = train(model_of("dcgan", RECIPE), PIXELS, RECIPE)
    next(first)
    recipe = RECIPE.model_copy(update=other)
    model = model_of("dcgan", recipe)
    before = weights(model)
    training = train(model, PIXELS, recipe)
    assert not training.load_state_dict(first.state_dict())
    assert all(torch.equal(model.state_dict()[key], value) for key, value in before.items())
    assert next(training).step == 1
