import pickle
from dataclasses import replace

import numpy as np
import pytest

from secateur.compression import policy
from secateur.compression.cost import CostModel, Quadratic
from secateur.compression.groups import Group
from secateur.compression.limits import Limits
from secateur.compression.plan import SurgeryPlan
from secateur.errors import UnreachableTargetError


def group(width, kind="convolution", bound=1):
    return Group(
        name="layer",
        width=width,
        kind=kind,
        members=(),
        out_channels=width * bound,
        in_channels=3,
        output_height=1,
        output_width=1,
        stride=1,
        kernel=1,
    )


def allowed(*groups, **bounds):
    return [widths.tolist() for widths in policy.allowed_widths(groups, **bounds)]


def test_wide_groups_take_multiples_and_narrow_ones_any_width():
    assert allowed(group(64), group(10), group(31, "dense")) == [
        [16, 24, 32, 40, 48, 56, 64],
        [2, 3, 4, 5, 6, 7, 8, 9, 10],
        list(range(1, 32)),
    ]
    assert allowed(group(32), group(100)) == [[8, 16, 24, 32], [*range(24, 100, 8), 100]]
    assert allowed(group(512, "dense"))[0][:2] == [16, 24]


def test_bounds_are_shares_of_the_decimal_that_was_written():
    assert allowed(group(10), a_max=0.7)[0][0] == 3
    assert allowed(group(10), a_max=0.8)[0][0] == 2
    assert allowed(group(3), a_max=0.99)[0][0] == 1


def test_bound_channels_step_together():
    # 8 widths of 8 channels each: one width is already a multiple of 8.
    assert allowed(group(8, bound=8), a_max=0.5) == [[4, 5, 6, 7, 8]]
    assert allowed(group(32, bound=4), a_max=0.75) == [list(range(8, 33, 2))]


def test_what_the_layers_need_stays():
    lean = replace(group(5, "dense"), least=2)
    assert allowed(lean, replace(group(1), least=2)) == [[2, 3, 4, 5], [1]]


def test_no_rounding():
    assert allowed(group(64), round_to=1, a_max=0.5) == [list(range(32, 65))]


def test_nearest_width_ties_to_the_narrower():
    widths = np.array([16, 24, 32])
    assert [policy.nearest_width(widths, ratio) for ratio in (0, 0.1, 0.125, 0.13, 0.9)] == [
        32,
        32,
        24,
        24,
        16,
    ]


def separable(flops, widths):
    """A cost in which each layer pays for its own channels only."""
    flops, widths = np.array(flops, dtype=float), tuple(widths)
    count = len(widths)
    form = Quadratic(np.zeros((count, count)), flops / np.array(widths), 0.0)
    return CostModel(widths, flops.astype(np.int64), form, form)


def test_published_bound_by_hand():
    # Half of 1,000 is to go.  200 are gone, 300 are to come of which 0.8 can go (240), so
    # this layer of 400 has to lose 500 - 240 - 200 = 60: a ratio of 0.15.
    case = {
        "a_max": 0.8,
        "target": 0.5,
        "total": 1000,
        "layer": 400,
        "remaining": 300,
        "removed": 200,
    }
    assert policy.algorithm1_ratio(0.05, **case) == pytest.approx(0.15)
    assert policy.algorithm1_ratio(0.6, **case) == 0.6
    assert policy.algorithm1_ratio(0.95, **case) == 0.8


@pytest.mark.parametrize("seed", range(20))
def test_generalised_bound_is_the_published_one_where_cost_is_separable(seed):
    generator = np.random.default_rng(seed)
    widths = [1000] * 5
    flops = generator.integers(1, 50, 5) * 1000
    cost = separable(flops, widths)
    widths_allowed = policy.allowed_widths([group(1000)] * 5, round_to=1)
    target = float(generator.uniform(0.1, 0.79))
    limits = Limits.of(cost, target)
    decided: list[int] = []
    for step, wanted in enumerate(generator.uniform(0, 1, 5)):
        removed = sum(f * (1 - w / 1000) for f, w in zip(flops, decided, strict=False))
        ratio = policy.algorithm1_ratio(
            wanted,
            a_max=0.8,
            target=target,
            total=float(flops.sum()),
            layer=float(flops[step]),
            remaining=float(flops[step + 1 :].sum()),
            removed=removed,
        )
        decided.append(policy.bounded_width(limits, widths_allowed, decided, wanted))
        # Nearest width where the wish holds, the next narrower one where the bound does.
        assert -1e-6 <= (1 - ratio) * 1000 - decided[-1] + 0.5 <= 1.5 + 1e-6


def problem(build, name, **bounds):
    network, shape = build(name)
    plan = SurgeryPlan.of(network, shape)
    return CostModel.of(network, plan, shape), policy.allowed_widths(plan.groups, **bounds)


@pytest.mark.parametrize("name", ["lenet", "unet", "resnet18", "mobilenet_v2", "grouped"])
def test_the_target_is_never_missed(name, build):
    cost, widths_allowed = problem(build, name)
    least = int(cost.flops([widths[0] for widths in widths_allowed]))
    reachable = 1 - least / cost.dense_flops
    generator = np.random.default_rng(0)
    for _ in range(40):
        target = float(generator.uniform(0, reachable))
        ratios = generator.uniform(0, 1, len(widths_allowed)) ** generator.uniform(0.1, 3)
        chosen = policy.decide(Limits.of(cost, target), widths_allowed, ratios)
        assert cost.flops(chosen) <= (1 - target) * cost.dense_flops + 1e-3
        for width, widths in zip(chosen, widths_allowed, strict=True):
            assert width in widths


@pytest.mark.parametrize("name", ["lenet", "resnet18", "mobilenet_v2"])
def test_a_policy_that_wants_nothing_stops_one_step_from_the_target(name, build):
    cost, widths_allowed = problem(build, name)
    for target in (0.1, 0.3, 0.5):
        budget = policy.flops_budget(cost, target)
        chosen = list(
            policy.decide(Limits.of(cost, target), widths_allowed, [0.0] * len(widths_allowed))
        )
        assert cost.flops(chosen) <= budget
        # Every group took the widest width that keeps the budget in reach: with one step
        # more, even the narrowest later groups are too much.
        for position, widths in enumerate(widths_allowed):
            index = widths.tolist().index(chosen[position])
            if index + 1 < len(widths):
                wider = [*chosen[:position], widths[index + 1]]
                wider += [later[0] for later in widths_allowed[position + 1 :]]
                assert cost.flops(wider) > budget


def test_wishes_are_granted_where_the_target_allows(build):
    cost, widths_allowed = problem(build, "resnet18")
    ratios = [0.5] * len(widths_allowed)
    expected = tuple(policy.nearest_width(widths, 0.5) for widths in widths_allowed)
    assert policy.decide(Limits.of(cost, 0.2), widths_allowed, ratios) == expected


@pytest.mark.parametrize("name", ["lenet", "resnet18", "mobilenet_v2", "grouped"])
def test_uniform_is_the_mildest_that_meets_the_target(name, build):
    cost, widths_allowed = problem(build, name)
    ratios = np.linspace(0, 1, 4001)
    candidates = [
        [policy.nearest_width(widths, ratio) for widths in widths_allowed] for ratio in ratios
    ]
    flops = cost.flops(candidates)
    for target in (0.05, 0.3, 0.5, 0.6):
        budget = policy.flops_budget(cost, target)
        chosen = policy.uniform(Limits.of(cost, target), widths_allowed)
        assert flops[np.argmax(flops <= budget)] <= cost.flops(chosen) <= budget
    assert policy.uniform(Limits(cost, cost.dense_flops), widths_allowed) == cost.dense_widths


def test_the_widest_reachable_target_is_reached(build):
    cost, widths_allowed = problem(build, "lenet")
    narrowest = [int(widths[0]) for widths in widths_allowed]
    limits = Limits(cost, int(cost.flops(narrowest)))
    assert policy.uniform(limits, widths_allowed) == tuple(narrowest)
    wishes = [0.0] * len(narrowest)
    assert policy.decide(limits, widths_allowed, wishes) == tuple(narrowest)


def test_budget_is_the_decimal_that_was_written():
    cost = separable([600, 400], [10, 10])
    assert policy.flops_budget(cost, 0.9) == 100
    assert policy.flops_budget(cost, 0.7) == 300
    assert policy.flops_budget(cost, np.float64(0.1234)) == 876


def test_unreachable_targets_name_the_largest_cut(build):
    cost, widths_allowed = problem(build, "lenet")
    with pytest.raises(
        UnreachableTargetError, match=r"prune\.targets\.1: 0\.99 is not usable"
    ) as got:
        policy.check_reachable(cost, widths_allowed, 0.99, field="prune.targets.1")
    reachable = float(str(got.value.expected).split()[2].rstrip(","))
    policy.check_reachable(cost, widths_allowed, reachable)
    with pytest.raises(UnreachableTargetError):
        policy.check_reachable(cost, widths_allowed, reachable + 1e-4)
    assert str(pickle.loads(pickle.dumps(got.value))) == str(got.value)


@pytest.mark.parametrize("name", ["lenet", "resnet18", "mobilenet_v2"])
def test_a_share_of_parameters_is_cut_besides(name, build):
    cost, widths_allowed = problem(build, name)
    narrowest = [int(widths[0]) for widths in widths_allowed]
    most = 1 - int(cost.parameters(narrowest)) / cost.dense_parameters
    generator = np.random.default_rng(0)
    for _ in range(20):
        parameters = float(generator.uniform(0, most))
        limits = Limits.of(cost, 0.1, parameters)
        ratios = generator.uniform(0, 1, len(widths_allowed)) ** generator.uniform(0.1, 3)
        for chosen in (
            policy.decide(limits, widths_allowed, ratios),
            policy.uniform(limits, widths_allowed),
        ):
            assert limits.met(chosen)
            assert cost.flops(chosen) <= 0.9 * cost.dense_flops + 1e-3
            assert cost.parameters(chosen) <= (1 - parameters) * cost.dense_parameters + 1e-3


def test_an_unreachable_share_of_parameters_is_named(build):
    cost, widths_allowed = problem(build, "lenet")
    policy.check_reachable(cost, widths_allowed, 0.1, 0.1)
    with pytest.raises(UnreachableTargetError, match=r"prune\.parameters: 0\.999 is not usable"):
        policy.check_reachable(cost, widths_allowed, 0.1, 0.999)
