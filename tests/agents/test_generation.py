"""Generators as pruning tasks: all agents play them as they play classifiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from ray import cloudpickle
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from agents import exploration, generation, runner
from agents.generation import GeneratorTask, Rehearsal, prepare_generator
from agents.rewards import LikenessWorth
from secateur.errors import SpecError, UnreachableTargetError
from secateur.models.generators import build_generator, families
from secateur.models.registry import takes
from secateur.records import Architecture, Episode, GenerativeRecipe, Scalar
from secateur.spec import FinetuneSpec, GeneratorRecoverySpec, PruneSpec, RandomSpec
from secateur.spec.stages import StagesSpec
from secateur.training.generative import begin

LATENT = 6
SMALL: dict[str, dict[str, Scalar]] = {
    "dcgan": {"latent": LATENT, "width": 8, "critic_width": 4},
    "mlp-gan": {"latent": LATENT, "first": 16, "second": 24, "third": 32},
    "vae": {"latent": LATENT, "width": 8, "encoder_width": 4},
    "vae-gan": {"latent": LATENT, "width": 8, "encoder_width": 4, "critic_width": 4},
    "diffusion": {"width": 8, "noise_levels": 20, "sampling_steps": 2},
}
SIDES = {"dcgan": 16}  # of the others 8
SPEC = PruneSpec(
    targets=(0.4,),
    agent=RandomSpec(),
    episodes=6,
    round_to=1,
    reward_images=64,
    calibration_images=64,
    rerank=3,
)


@pytest.fixture(params=sorted(families()))
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def _little_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "NOISE", 96)


def architecture_of(family: str) -> Architecture:
    side = SIDES.get(family, 8)
    return Architecture(
        name=family, arguments=SMALL[family], input_shape=(1, side, side), classes=1
    )


def latent_of(family: str) -> int:
    """Values of the noise of one image."""
    return takes(architecture_of(family))[0]


def generator_of(family: str) -> nn.Module:
    """A generator whose images differ by their noise, as those of a trained one do."""
    generator = build_generator(architecture_of(family), seed=0)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(4 if parameter.dim() > 1 else 1)
    for module in generator.modules():
        if isinstance(module, nn.BatchNorm2d | nn.BatchNorm1d):
            module.momentum = None
    generator.train()
    with torch.no_grad():
        generator(torch.randn(256, latent_of(family), 1, 1))
    return generator.eval()


def task_of(family: str = "dcgan", spec: PruneSpec = SPEC, **more: Any) -> GeneratorTask:
    return prepare_generator(spec, generator_of(family), latent_of(family), seed=0, **more)


def test_where_few_images_are_paid_for_few_are_made() -> None:
    """Four times as many as a reward takes, and as many to learn by; 96 at most in these tests."""
    splits = task_of(spec=SPEC.model_copy(update={"reward_images": 16})).development
    assert (len(splits.validation), len(splits.train)) == (64, 64)


def test_the_noise_is_standard_normal_and_the_labels_are_the_dense_images(family: str) -> None:
    task = task_of(family)
    splits = task.development
    assert splits.input_shape == (latent_of(family), 1, 1)
    noise = np.concatenate([splits.train.pixels, splits.validation.pixels])
    assert len(np.unique(noise, axis=0)) == len(noise)
    assert noise.mean() == pytest.approx(0, abs=0.1)
    assert noise.std() == pytest.approx(1, abs=0.1)
    for split in (splits.train, splits.validation):
        given, positions = split.tensors()
        with torch.no_grad():
            expected = task.candidates.network(given)
        torch.testing.assert_close(splits.references[positions], expected)


def test_the_dense_widths_are_as_close_as_can_be(family: str) -> None:
    task = task_of(family, SPEC.model_copy(update={"correction": "none"}))
    dense = task.candidates.plan.widths
    assert task.judge().accuracy(dense) == pytest.approx(1, abs=1e-5)
    narrow = tuple(max(1, width // 2) for width in dense)
    assert task.judge().accuracy(narrow) < task.judge().accuracy(dense)


def test_the_least_that_can_be_left_has_a_reward_all_the_same(family: str) -> None:
    # One channel a layer makes images worse than the mean image's 0.5, and agents must see it.
    task = task_of(family)
    groups = len(task.candidates.plan.widths)
    least, two = task.judge().accuracy((1,) * groups), task.judge().accuracy((2,) * groups)
    assert least != two
    assert 0 < min(least, two) < 0.7


def test_closeness_is_what_the_reward_says(family: str) -> None:
    # 1 / (1 + error) of all pixels by NumPy, of the network that the candidates cut.
    task = task_of(family)
    widths = tuple(width - 1 for width in task.candidates.plan.widths)
    noise, positions = task.development.validation.take(slice(SPEC.reward_images)).tensors()
    with torch.no_grad():
        made = task.candidates.cut(widths).eval()(noise).numpy()
    wanted = task.development.references[positions].numpy()
    error = np.square(made - wanted).sum() / np.square(wanted - wanted.mean(0)).sum()
    assert task.judge(SPEC.reward_images)(widths) == pytest.approx(1 / (1 + error), abs=1e-4)


def test_stem_and_transposed_convolutions_go_but_the_image_stays() -> None:
    graph = task_of("dcgan").candidates.plan.graph
    assert [group.name for group in graph.groups] == ["stem", "up1"]
    assert graph.fixed == ("output",)


def test_flops_are_those_of_torchs_counter(family: str) -> None:
    task = task_of(family)
    cost, dense = task.cost, task.candidates.plan.widths
    for widths in (dense, tuple(width // 2 for width in dense), (1,) * len(dense)):
        counter = FlopCounterMode(display=False)
        network = task.candidates.cut(widths).eval()
        with counter, torch.no_grad():
            network(torch.randn(1, latent_of(family), 1, 1))
        assert int(cost.flops(widths)) == counter.get_total_flops()


def test_a_dcgan_of_28x28_by_hand() -> None:
    # Stem: 1 position, 64 -> 128 channels, 16 taps. up1: 16 positions, 128 -> 64 channels, 9
    # taps. up2: 49 positions, 64 -> 32, 16 taps. Output: 196 positions, 32 -> 1, 16 taps.
    architecture = architecture_of("dcgan").model_copy(
        update={"arguments": {"latent": 64, "width": 32}, "input_shape": (1, 28, 28)}
    )
    task = prepare_generator(SPEC, build_generator(architecture, 0).eval(), 64, seed=0)
    ups = 16 * 128 * 64 * 9 + 49 * 64 * 32 * 16
    assert task.dense_flops == 2 * (64 * 128 * 16 + ups + 196 * 32 * 16)


def test_a_target_beyond_the_bounds_is_refused() -> None:
    with pytest.raises(UnreachableTargetError, match=r"prune\.targets: 0\.9"):
        task_of(spec=SPEC.model_copy(update={"targets": (0.9,), "a_max": 0.3}))


def test_a_reward_with_the_distance_needs_a_judge() -> None:
    spec = PruneSpec.model_validate({"reward": "likeness"})
    with pytest.raises(SpecError, match=r"prune\.reward\.kind: 'likeness'"):
        task_of(spec=spec)


def test_the_distance_lessens_the_closeness() -> None:
    worth = LikenessWorth({(4, 2): 4.0, (8, 4): 1.0}.__getitem__, 0.5)
    assert worth(0.6, (8, 4)) == 0.6
    assert worth(0.6, (4, 2)) == pytest.approx(0.3)  # 0.6 · 4 ** -0.5
    assert worth(0.2, (4, 2)) < worth(0.4, (4, 2))


class FakeJudge:
    """Calls images the farther the darker they are, and counts how often it is asked."""

    count = 16

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, images: Tensor) -> Any:
        assert images.shape[0] == self.count
        self.calls += 1
        return SimpleNamespace(distance=float(2 - images.mean()))


@pytest.fixture
def rehearsal(monkeypatch: pytest.MonkeyPatch) -> Callable[[GeneratorRecoverySpec], Any]:
    """Rehearsals whose recovery is a fake: the more channels are left, the darker they get."""

    def fake(pruned: nn.Module, *_: Any) -> list[None]:
        with torch.no_grad():
            stem = pruned.get_submodule("stem")
            pruned.get_submodule("output").bias.fill_(-stem.out_channels / 8)
        return [None]

    monkeypatch.setattr(generation, "recover", fake)
    pixels = torch.zeros(8, 1, 16, 16, dtype=torch.uint8)

    def make(spec: GeneratorRecoverySpec) -> Rehearsal:
        model, judge = nn.Identity(), FakeJudge()
        return Rehearsal(model, pixels, GenerativeRecipe(), spec, judge)

    return make


def test_the_distance_of_a_policy_is_measured_once(
    rehearsal: Callable[[GeneratorRecoverySpec], Any],
) -> None:
    tried = rehearsal(GeneratorRecoverySpec())
    spec = PruneSpec.model_validate(SPEC.model_dump() | {"reward": {"kind": "likeness"}})
    judge = task_of(spec=spec, rehearsal=tried).judge()
    first = judge((8, 4))
    assert judge((8, 4)) == first
    assert tried.judge.calls == 2  # the dense generator's, and that of these widths


def test_the_best_few_are_compared_after_a_short_recovery(
    rehearsal: Callable[[GeneratorRecoverySpec], Any],
) -> None:
    task = task_of(rehearsal=rehearsal(GeneratorRecoverySpec()))
    choice = task.choose(task.candidates, [(12, 4), (6, 4), (9, 4)])
    # The fake makes those of the narrowest stem the brightest, so the nearest.
    assert choice.widths == (6, 4)
    assert choice.accuracy == task.judge().accuracy((6, 4))
    assert choice.distance is not None


def test_a_rehearsal_travels_with_whatever_critic() -> None:
    recipe = GenerativeRecipe(constraint="spectral-norm", ema=0.9)
    model = begin(architecture_of("dcgan"), recipe)
    pixels = torch.zeros(8, 1, 16, 16, dtype=torch.uint8)
    sent = Rehearsal(model, pixels, recipe, GeneratorRecoverySpec(), FakeJudge())
    found = cloudpickle.loads(cloudpickle.dumps(sent))
    for name, value in model.state_dict().items():
        assert torch.equal(found.model.state_dict()[name], value)
    assert found.distance(found.model.generator) == sent.distance(model.generator)


def test_without_a_short_recovery_the_reward_decides(
    rehearsal: Callable[[GeneratorRecoverySpec], Any],
) -> None:
    task = task_of(rehearsal=rehearsal(GeneratorRecoverySpec(rerank_steps=0)))
    finalists = [(12, 4), (6, 4), (9, 4)]
    choice = task.choose(task.candidates, finalists)
    assert choice.widths == task.judge().best(finalists)
    assert choice.distance is None


@pytest.mark.usefixtures("ray_session")
def test_agents_play_generators_on_ray(tmp_path: Path) -> None:
    task = task_of()
    played: dict[float, list[Episode]] = defaultdict(list)
    for target, episode in runner.run(task, tmp_path):
        played[target].append(episode)
    (result,) = runner.decide(task, played, tmp_path)
    assert result.flops_cut >= 0.4
    assert result.accuracy == pytest.approx(task.judge().accuracy(result.widths))
    assert result.distance is None
    assert len(result.episodes) == SPEC.episodes


def test_far_targets_are_reached_in_stages_with_distillation_between(tmp_path: Path) -> None:
    stages = StagesSpec(largest=0.3, finetune=FinetuneSpec(epochs=1))
    task = task_of(spec=SPEC.model_copy(update={"episodes": 4, "stages": stages}))
    episodes = list(exploration.explore(task, 0.4, tmp_path))
    result = exploration.choose(task, 0.4, episodes, tmp_path)
    assert result.start is not None
    assert result.flops_cut >= 0.4
