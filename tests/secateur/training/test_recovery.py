import copy
import dataclasses
from typing import get_args

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from secateur.compression.importance import keep, l1
from secateur.compression.plan import SurgeryPlan
from secateur.models import build
from secateur.records import Architecture, Recipe
from secateur.spaces import StartsFrom
from secateur.spec import FinetuneSpec, ReinitialiseSpec, RewindSpec
from secateur.spec.finetune import RecoverySpec
from secateur.tasks import CLASSIFICATION
from secateur.training import recovery
from secateur.training.class_losses import cross_entropy
from secateur.training.losses import ClassObjective, Distillation
from secateur.training.pruned import Pruned
from secateur.training.recovery import METHODS, objective, recover
from secateur.training.reinitialisation import fresh
from secateur.training.rewinding import retrace
from secateur.training.supervised import train

CPU = torch.device("cpu")
KINDS = get_args(get_args(RecoverySpec)[0])
RECIPE = Recipe(epochs=5, batch_size=5, learning_rate=0.02, augment=True, seed=3)
MLP = Architecture(
    name="mlp",
    arguments={"depth": 2, "width": 8, "dropout": 0.2},
    input_shape=(1, 8, 8),
    classes=2,
)


def equal(one, other):
    return all(torch.equal(value, other.state_dict()[name]) for name, value in one.items())


def snapshots(bars, recipe=RECIPE):
    """The dense network, and its weights before and after each epoch of its training."""
    network = build(MLP, recipe.seed)
    states = [copy.deepcopy(network.state_dict())]
    epochs = train(network, bars.development, recipe)
    states.extend(copy.deepcopy(network.state_dict()) for _ in epochs)
    return network, states


def cut(dense, bars, widths=(3, 5), recipe=RECIPE):
    plan = SurgeryPlan.of(dense, MLP.input_shape)
    kept = keep(l1(dense, plan), widths)
    return Pruned(plan.prune(dense, kept), dense, plan, kept, MLP, recipe, bars.development)


def test_early_epochs_count_by_hand():
    # 0.1 of 18 is 1.8; 0.1 of 3 is 0.3, but one epoch at least; 0.9 of 3 is 2.7, but one
    # epoch has to be left; 0 is the initial network, as is one epoch of training.
    counted = [(0.1, 18, 2), (0.1, 3, 1), (0.9, 3, 2), (0, 18, 0), (0.5, 1, 0), (0.25, 8, 2)]
    for share, epochs, early in counted:
        assert RewindSpec(rewind_to=share).early(epochs) == early
        assert RewindSpec(rewind_to=share).length(epochs) == epochs - early
    assert FinetuneSpec(epochs=7).length(18) == 7
    assert ReinitialiseSpec().length(18) == 18


@pytest.mark.parametrize("epochs", [0, 1, 3, 5])
def test_early_weights_are_those_that_the_network_once_had(bars, epochs):
    _, states = snapshots(bars)
    network, _ = retrace(MLP, RECIPE, bars.development, epochs, CPU)
    assert equal(states[epochs], network)


def test_a_training_that_began_with_a_file_begins_with_it_again(bars, tmp_path):
    file = tmp_path / "weights.safetensors"
    given = build(MLP, seed=9)
    save_file(given.state_dict(), file)
    network, _ = retrace(MLP, RECIPE, bars.development, 0, CPU, StartsFrom(file))
    assert equal(given.state_dict(), network)
    pruned = dataclasses.replace(cut(network, bars), start=StartsFrom(file))
    METHODS["rewind"](pruned, RewindSpec(rewind_to=0))
    assert equal(pruned.plan.prune(given, pruned.kept).state_dict(), pruned.network)


def test_layers_that_did_not_learn_are_rewound_to_the_file(bars, tmp_path):
    file = tmp_path / "weights.safetensors"
    given = build(MLP, seed=9)
    save_file(given.state_dict(), file)
    network, _ = retrace(MLP, RECIPE, bars.development, 2, CPU, StartsFrom(file, learning_layers=1))
    pruned = dataclasses.replace(cut(network, bars), start=StartsFrom(file, learning_layers=1))
    METHODS["rewind"](pruned, RewindSpec(rewind_to=0.4))
    frozen, now = pruned.plan.prune(given, pruned.kept).state_dict(), pruned.network.state_dict()
    assert [key for key in now if not torch.equal(now[key], frozen[key])] == [*now][-2:]
    # What was frozen learns from here on.
    assert all(weight.requires_grad for weight in pruned.network.parameters())


def test_a_training_that_goes_on_draws_what_it_would_have_drawn(bars):
    # Plain descent has no state but the weights, so that nothing tells the two apart.
    recipe = RECIPE.model_copy(update={"optimizer": "sgd"})
    _, states = snapshots(bars, recipe)
    again, generator = retrace(MLP, recipe, bars.development, 2, CPU)
    later = train(again, bars.development, recipe, done=2, generator=generator)
    assert [metrics.epoch for metrics in later] == [3, 4, 5]
    assert equal(states[5], again)


def test_rewound_channels_have_the_weights_of_then(bars):
    dense, states = snapshots(bars)
    pruned = cut(dense, bars)
    outset = METHODS["rewind"](pruned, RewindSpec(rewind_to=0.4))
    early = build(MLP)
    early.load_state_dict(states[2])
    assert equal(pruned.plan.prune(early, pruned.kept).state_dict(), pruned.network)
    assert (outset.done, outset.recipe) == (2, RECIPE)
    # Channel i of the first layer is channel kept[0][i] of the dense one after two epochs.
    first = next(name for name in states[2] if name.endswith("weight"))
    expected = states[2][first][torch.from_numpy(pruned.kept[0])]
    assert torch.equal(pruned.network.state_dict()[first], expected)


def test_rewinding_what_was_not_cut_trains_the_dense_network_once_more(bars):
    recipe = RECIPE.model_copy(update={"optimizer": "sgd"})
    dense, states = snapshots(bars, recipe)
    pruned = cut(dense, bars, (8, 8), recipe)
    metrics = list(recover(pruned, RewindSpec(rewind_to=0.4, distillation=0)))
    assert [one.epoch for one in metrics] == [3, 4, 5]
    assert equal(states[5], pruned.network)


def test_fresh_weights_have_nothing_of_the_trained_ones_and_a_seed(bars):
    dense, states = snapshots(bars)
    pruned, again = cut(dense, bars), cut(dense, bars)
    outset = METHODS["reinitialise"](pruned, ReinitialiseSpec())
    METHODS["reinitialise"](again, ReinitialiseSpec())
    assert (outset.done, outset.recipe) == (0, RECIPE)
    assert equal(again.network.state_dict(), pruned.network)
    for name, value in pruned.network.state_dict().items():
        for known in (dense.state_dict(), states[0]):
            assert not np.isin(value.numpy(), known[name].numpy()).any(), name


def test_fresh_weights_are_as_large_as_the_fewer_inputs_ask(bars):
    # torch draws weights and biases of a layer of n inputs from [-1/sqrt(n), 1/sqrt(n)]:
    # with 64, 2 and 200 inputs up to 0.125, 0.707 and 0.0707.
    wide = MLP.model_copy(update={"arguments": {"depth": 2, "width": 200}})
    plan = SurgeryPlan.of(build(wide), wide.input_shape)
    network = fresh(wide, plan, (2, 200), seed=0)
    sizes = [layer.weight.abs().max().item() for layer in network.modules()
             if isinstance(layer, torch.nn.Linear)]  # fmt: skip
    assert sizes == pytest.approx([64**-0.5, 2**-0.5, 200**-0.5], rel=0.05)
    assert all(size <= bound for size, bound in zip(sizes, [0.1251, 0.7072, 0.0708], strict=True))


def test_finetuning_keeps_the_weights_and_lowers_the_rate(bars):
    dense, _ = snapshots(bars)
    pruned = cut(dense, bars)
    before = copy.deepcopy(pruned.network.state_dict())
    outset = METHODS["finetune"](pruned, FinetuneSpec(epochs=2, learning_rate_factor=0.5))
    assert equal(before, pruned.network)
    assert (outset.recipe.epochs, outset.recipe.learning_rate, outset.done) == (2, 0.01, 0)


def test_a_teacher_that_does_not_weigh_is_not_asked(bars):
    teacher = build(MLP, seed=0)
    recipe = Recipe(label_smoothing=0.1)
    alone = objective(CLASSIFICATION, teacher, RewindSpec(distillation=0), recipe)
    assert alone == ClassObjective(cross_entropy, 0.1)
    assert isinstance(objective(CLASSIFICATION, teacher, RewindSpec(), recipe), Distillation)


def test_every_method_of_a_spec_is_known():
    assert sorted(METHODS) == sorted(kind.model_fields["method"].default for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_learns_with_and_without_a_teacher(bars, kind):
    spec = kind()
    dense, states = snapshots(bars, RECIPE.model_copy(update={"epochs": 15}))
    found = []
    for weight in (0.0, 0.9):
        pruned = cut(dense, bars, recipe=RECIPE.model_copy(update={"epochs": 15}))
        metrics = list(recover(pruned, spec.model_copy(update={"distillation": weight})))
        assert len(metrics) == spec.length(15)
        assert metrics[-1].validation_accuracy == 1
        found.append(pruned.network.state_dict())
    assert any(not torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert equal(states[-1], dense)


def test_finetune_alone_is_the_method_of_that_name(bars):
    dense, _ = snapshots(bars)
    pruned, other = cut(dense, bars), cut(dense, bars)
    spec = FinetuneSpec(epochs=2)
    by_method = list(recover(pruned, spec))
    alone = recovery.finetune(other.network, dense, bars.development, RECIPE, spec)
    assert list(alone) == by_method
    assert equal(pruned.network.state_dict(), other.network)
