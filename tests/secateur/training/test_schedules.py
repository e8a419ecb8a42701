import pytest

from secateur.errors import SpecError
from secateur.spaces import SCHEDULES as NAMED
from secateur.training.schedules import SCHEDULES, named, one_cycle


def test_specs_name_every_schedule():
    assert tuple(SCHEDULES) == NAMED


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_shares_that_end_no_higher_than_they_began(name):
    for steps in (1, 2, 7, 30):
        rates = [SCHEDULES[name](step, steps) for step in range(steps)]
        assert all(0 < rate <= 1 for rate in rates)
        assert max(rates) == 1
        assert rates[-1] <= rates[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("constant", [1, 1, 1, 1]),
        ("cosine", [1, 0.853553, 0.5, 0.146447]),  # (1 + cos(π·k/4)) / 2
        ("exponential", [1, 0.316228, 0.1, 0.031623]),  # 0.01 ** (k/4)
        ("step", [1, 1, 0.1, 0.01]),  # thirds begin at steps 0, 4/3 and 8/3
    ],
)
def test_four_steps_by_hand(name, expected):
    assert [SCHEDULES[name](step, 4) for step in range(4)] == pytest.approx(expected, abs=1e-6)


def test_an_unknown_schedule():
    with pytest.raises(SpecError, match=r"schedule: 'cosin' is not usable; expected 'cosine'"):
        named("cosin")


def test_one_cycle_by_hand():
    # One step of warm-up, then (1 + cos(π·k/4)) / 2 for k = 1, 2, 3
    rates = [one_cycle(step, 4) for step in range(4)]
    assert rates == pytest.approx([1, 0.853553, 0.5, 0.146447], abs=1e-6)


def test_one_cycle_rises_over_a_tenth_and_falls_to_almost_nothing():
    rates = [one_cycle(step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert 0 < rates[-1] < 0.001


def test_one_cycle_of_a_single_step():
    assert one_cycle(0, 1) == 1
