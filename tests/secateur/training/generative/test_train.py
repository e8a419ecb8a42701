import itertools
from math import isfinite
from typing import get_args

import pytest
import torch

from secateur.compression.execution import EXACT
from secateur.errors import DataError, SpecError, StageError
from secateur.models.generators import families
from secateur.records import Architecture, GenerativeRecipe
from secateur.records.generation import AdversarialLoss, Constraint
from secateur.training.generative import begin, loop, sample, train
from secateur.training.generative.adversarial import Adversarial
from secateur.training.generative.loop import LEARNERS, GenerativeTraining

SMALL = {
    "mlp-gan": {"width": 0.0625, "latent": 8, "critic_first": 32, "critic_second": 16},
    "dcgan": {"width": 8, "critic_width": 8, "latent": 8},
    "vae": {"width": 8, "encoder_width": 8, "latent": 8},
    "vae-gan": {"width": 8, "encoder_width": 8, "critic_width": 8, "latent": 8},
    "diffusion": {"width": 8, "noise_levels": 50, "sampling_steps": 5},
}
LOSSES = {
    "mlp-gan": {"generator", "critic"},
    "dcgan": {"generator", "critic"},
    "vae": {"reconstruction", "divergence"},
    "vae-gan": {"generator", "critic", "reconstruction", "divergence"},
    "diffusion": {"denoising"},
}
FAMILIES = sorted(families())


def model_of(name, recipe, shape=(1, 8, 8), **arguments):
    asked = Architecture(name=name, arguments=SMALL[name] | arguments, input_shape=shape, classes=1)
    return begin(asked, recipe)


def trained(name, pixels, arguments=None, **fields):
    recipe = GenerativeRecipe(**{"steps": 6, "interval": 3, "batch_size": 16} | fields)
    model = model_of(name, recipe, tuple(pixels.shape[1:]), **(arguments or {}))
    return model, list(train(model, pixels, recipe))


def weights(model):
    return torch.cat([value.double().flatten() for value in model.state_dict().values()])


@pytest.fixture(scope="module")
def pixels(digits):
    return digits.train.tensors()[0]


@pytest.fixture(scope="module")
def halves():
    """200 images of 8x8: a left half of any brightness from 100 on a dark ground, with noise."""
    random = torch.Generator().manual_seed(0)
    made = torch.randint(0, 40, (200, 1, 8, 8), generator=random, dtype=torch.uint8)
    made[:, :, :, :4] += torch.randint(
        100, 216, (200, 1, 1, 1), generator=random, dtype=torch.uint8
    )
    return made


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_trains_all_of_its_networks(name, pixels):
    recipe = GenerativeRecipe(steps=6, interval=3, batch_size=16, ema=0.9)
    model = model_of(name, recipe)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    metrics = list(train(model, pixels, recipe))
    assert [(each.step, each.last) for each in metrics] == [(3, False), (6, True)]
    for each in metrics:
        assert set(each.losses) == LOSSES[name]
        assert all(map(isfinite, each.losses.values()))
    assert 0 < metrics[0].seconds < metrics[1].seconds
    learned = {key for key, _ in model.named_parameters()}
    still = {key for key in learned if torch.equal(before[key], model.state_dict()[key])}
    assert still == set()


@pytest.mark.parametrize("name", FAMILIES)
def test_same_seed_same_weights_whatever_else_is_drawn(name, pixels):
    before = torch.get_rng_state()
    first, _ = trained(name, pixels, seed=1, ema=0.9)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(17)
    second, _ = trained(name, pixels, seed=1, ema=0.9)
    other, _ = trained(name, pixels, seed=2, ema=0.9)
    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(other))


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_comes_nearer_to_simple_images(name, halves):
    model, _ = trained(name, halves, steps=150, interval=150, learning_rate=5e-3)
    fresh, _ = trained(name, halves, steps=1, learning_rate=1e-7)
    wanted = halves.float().mean(dim=0) / 127.5 - 1

    def distance(generator):
        return (sample(generator, 100, seed=0).mean(dim=0) - wanted).abs().mean().item()

    # Grey images are 0.64 away: left halves are at (157.5 + 19.5)/127.5 - 1 = 0.39 on average,
    # right ones at 19.5/127.5 - 1 = -0.85.
    assert distance(model.generator) < 0.35 < distance(fresh.generator)


@pytest.mark.parametrize("constraint", get_args(Constraint))
@pytest.mark.parametrize("loss", get_args(AdversarialLoss))
def test_every_loss_goes_with_every_constraint(loss, constraint, halves):
    model, metrics = trained("mlp-gan", halves, loss=loss, constraint=constraint, clip=0.05)
    assert all(map(isfinite, metrics[-1].losses.values()))
    assert sample(model.generator, 4, seed=0).isfinite().all()
    if constraint == "clipping":
        largest = max(value.abs().max().item() for value in model.critic.parameters())
        assert largest == pytest.approx(0.05)


def test_the_critic_has_more_steps_where_asked(halves):
    recipe = GenerativeRecipe(steps=2, critic_steps=3, batch_size=16)
    model = model_of("mlp-gan", recipe)
    calls = []
    model.critic.register_forward_hook(lambda *_: calls.append(model.trained.training))
    list(train(model, halves, recipe))
    # In each of 2 steps: real and generated images 3 times, and once more for the generator.
    assert len(calls) == 2 * (3 * 2 + 1)
    assert all(parameter.requires_grad for parameter in model.critic.parameters())


def test_smoothing_reaches_the_critics_loss(halves):
    # A sure critic of still images loses next to nothing without smoothing. With it the least
    # is the entropy of the target, 0.3·ln(1/0.3) + 0.7·ln(1/0.7) = 0.61.
    sure = {"steps": 60, "interval": 60, "learning_rate": 1e-6, "critic_rate": 1e-2}
    _, plain = trained("mlp-gan", halves, **sure)
    _, smooth = trained("mlp-gan", halves, **sure, label_smoothing=0.3)
    assert plain[-1].losses["critic"] < 0.5
    assert smooth[-1].losses["critic"] > 0.61


def test_what_is_judged_is_the_average_in_evaluation_mode(pixels):
    recipe = GenerativeRecipe(steps=4, interval=2, batch_size=16, ema=0.99)
    model = model_of("dcgan", recipe)
    for _ in train(model, pixels, recipe):
        assert model.generator is model.average
        assert not any(module.training for module in model.modules())
        assert not torch.equal(sample(model.average, 2, 0), sample(model.trained, 2, 0))
    assert model_of("dcgan", GenerativeRecipe()).average is None
    plain = model_of("dcgan", GenerativeRecipe())
    assert plain.generator is plain.trained


def test_a_state_dict_brings_all_networks_back(pixels):
    recipe = GenerativeRecipe(steps=2, batch_size=16, ema=0.9, constraint="spectral-norm")
    model = model_of("dcgan", recipe)
    list(train(model, pixels, recipe))
    twin = model_of("dcgan", recipe.model_copy(update={"seed": 5}))
    twin.load_state_dict(model.state_dict())
    assert torch.equal(weights(twin), weights(model))
    assert torch.equal(sample(twin.generator, 2, 0), sample(model.generator, 2, 0))


def test_nothing_is_trained_until_asked_and_nothing_after_the_last_question(pixels):
    recipe = GenerativeRecipe(steps=9, interval=2, batch_size=16)
    model = model_of("dcgan", recipe)
    initial = weights(model)
    intervals = train(model, pixels, recipe)
    assert torch.equal(weights(model), initial)
    list(itertools.islice(intervals, 2))
    after_two = weights(model)
    del intervals
    assert not torch.equal(after_two, initial)
    assert torch.equal(weights(model), after_two)


def test_a_short_last_interval_is_reported_too(pixels):
    _, metrics = trained("mlp-gan", pixels, steps=5, interval=3)
    assert [(each.step, each.last) for each in metrics] == [(3, False), (5, True)]


def test_training_ends_when_its_time_is_up(pixels):
    _, metrics = trained("mlp-gan", pixels, steps=1000, interval=1000, seconds=1e-9)
    assert [(each.step, each.last) for each in metrics] == [(1, True)]


def test_time_is_that_of_the_steps_whatever_was_measured_before(halves, monkeypatch):
    spent = []

    class Slow(Adversarial):
        def step(self):
            spent.append(2.0)
            return super().step()

    def measured(*_):
        spent.append(100.0)
        return EXACT

    monkeypatch.setattr(loop, "process_time", lambda: sum(spent))
    monkeypatch.setattr(loop.machine, "execution", measured)
    recipe = GenerativeRecipe(steps=3, interval=3, batch_size=16)
    (metrics,) = GenerativeTraining(Slow, model_of("mlp-gan", recipe), halves, recipe)
    assert metrics.seconds == 3 * 2


def test_rates_follow_the_schedule_over_the_steps(halves):
    rates = []

    class Watching(Adversarial):
        def step(self):
            rates.append([optimizer.param_groups[0]["lr"] for optimizer in self.optimizers])
            return super().step()

    recipe = GenerativeRecipe(
        steps=4, learning_rate=0.4, critic_rate=0.2, schedule="cosine", batch_size=16
    )
    list(GenerativeTraining(Watching, model_of("mlp-gan", recipe), halves, recipe))
    # (1 + cos(k·π/4)) / 2 = 1, 0.8536, 0.5, 0.1464
    assert [rate for rate, _ in rates] == pytest.approx([0.4, 0.34142, 0.2, 0.05858], rel=1e-3)
    assert [rate for _, rate in rates] == pytest.approx([0.2, 0.17071, 0.1, 0.02929], rel=1e-3)


@pytest.mark.parametrize(("name", "found"), [("adam", (0.3, 0.999)), ("momentum", 0.3)])
def test_momentum_reaches_the_optimizers(name, found, halves):
    seen = []

    class Watching(Adversarial):
        def step(self):
            group = self.optimizers[0].param_groups[0]
            seen.append(group.get("betas", group.get("momentum")))
            return super().step()

    recipe = GenerativeRecipe(steps=1, optimizer=name, momentum=0.3, batch_size=16)
    list(GenerativeTraining(Watching, model_of("mlp-gan", recipe), halves, recipe))
    assert seen == [found]


def test_a_further_goal_of_the_generator(halves):
    def darkness(noise, images):
        assert noise.shape == (len(images), 8, 1, 1)
        return 100 * (images + 1).square().mean()

    recipe = GenerativeRecipe(steps=100, interval=50, learning_rate=1e-2, batch_size=16)
    model = model_of("mlp-gan", recipe)
    first, last = GenerativeTraining(
        lambda setting: Adversarial(setting, darkness), model, halves, recipe
    )
    assert last.losses["further"] < first.losses["further"]
    assert sample(model.generator, 50, 0).mean().item() < -0.9


def test_batches_larger_than_the_data_are_the_data(pixels):
    _, metrics = trained("dcgan", pixels[:5], batch_size=64)
    assert metrics[-1].last


def test_one_image_is_too_few(pixels):
    with pytest.raises(DataError, match="1 training images; expected 2 and more"):
        trained("dcgan", pixels[:1])


def test_divergence_names_step_loss_and_rate(pixels):
    with pytest.raises(StageError, match=r"step 3: .* loss is nan; .* below 1e\+12"):
        trained("vae", pixels, optimizer="sgd", learning_rate=1e12, schedule="constant")


def test_an_unknown_optimizer(pixels):
    with pytest.raises(SpecError, match="optimizer: 'adma'"):
        trained("dcgan", pixels, optimizer="adma")


def test_every_family_has_a_way_of_learning():
    assert {family.learns for family in families().values()} == set(LEARNERS)
