import pytest
import torch

from secateur.compression.counter import count
from secateur.compression.plan import SurgeryPlan
from secateur.errors import PolicyError
from secateur.records import Recipe
from secateur.training.gradual import cubic, train_gradually, widths_between


def test_cubic_by_hand():
    # 1 - (3/4)³ = 37/64, 1 - (1/2)³ = 7/8, 1 - (1/4)³ = 63/64
    assert [cubic(step, 4) for step in range(5)] == [0, 37 / 64, 7 / 8, 63 / 64, 1]


def test_widths_on_the_way_by_hand():
    # 7/8 of the way: 16 - 12·7/8 = 5.5, to even 6; 10 - 9·7/8 = 2.125; 8 - 7·7/8 = 1.875.
    assert widths_between((16, 10, 8), (4, 1, 1), 7 / 8) == (6, 2, 2)
    assert widths_between((16, 10, 8), (4, 1, 1), 63 / 64) == (4, 2, 2)
    assert widths_between((16, 10, 8), (4, 1, 1), 0.0) == (16, 10, 8)
    assert widths_between((16, 10, 8), (4, 1, 1), 1.0) == (4, 1, 1)
    assert widths_between((1, 4), (1, 4), 0.5) == (1, 4)


@pytest.mark.parametrize("family", [{"name": "lenet"}, {"name": "resnet", "depth": 1, "width": 8}])
def test_widths_shrink_after_each_epoch_and_stay_at_the_end(bars, network_for, family):
    network = network_for(bars, **family)
    dense = SurgeryPlan.of(network, bars.input_shape)
    final = tuple(max(1, width // 4) for width in dense.widths)
    recipe = Recipe(epochs=5, batch_size=5, seed=1)
    seen, numbers = [], []
    for stepped, metrics in train_gradually(network, final, bars.development, recipe, cuts=3):
        seen.append(count(stepped, bars.input_shape).flops)
        numbers.append(metrics.epoch)
    # Three epochs each end in a cut, after 1/3 and 2/3 of the steps 19/27 and 26/27 of the way.
    ways = [widths_between(dense.widths, final, share) for share in (0, 19 / 27, 26 / 27, 1, 1)]
    expected = [
        count(dense.prune(network, dense.kept_first(widths)), bars.input_shape).flops
        for widths in ways
    ]
    assert seen == expected
    assert numbers == [1, 2, 3, 4, 5]


def test_the_same_seed_gives_the_same_network(bars, network_for):
    found = []
    for _ in range(2):
        recipe = Recipe(epochs=4, batch_size=5, augment=True, learning_rate=0.02)
        steps = train_gradually(
            network_for(bars, depth=1, width=16), (4,), bars.development, recipe, cuts=2
        )
        *_, (network, metrics) = steps
        found.append((torch.cat([p.flatten() for p in network.parameters()]), metrics))
    assert torch.equal(found[0][0], found[1][0])
    assert found[0][1] == found[1][1]


def test_widths_that_do_not_fit_are_refused_before_training(bars, network_for):
    steps = train_gradually(
        network_for(bars, depth=1, width=16), (17,), bars.development, Recipe(epochs=2), 1
    )
    with pytest.raises(PolicyError, match="17"):
        next(steps)
