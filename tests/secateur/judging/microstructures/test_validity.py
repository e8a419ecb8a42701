import subprocess
import sys

import numpy as np
import pytest

from secateur.data.microstructures import simulate, simulate_overlapping
from secateur.errors import DataError
from secateur.judging.microstructures.damages import DAMAGES
from secateur.judging.validity import ValidityRule, learn, valid


def test_real_images_pass_and_damaged_ones_do_not(rule, held, discs):
    # 4 % are to be given up; of 200 that are 8 +- 2.8, and the quantiles of 400 images vary too.
    assert valid(held, rule).mean() >= 0.91
    for damage in DAMAGES.values():
        assert valid(damage(held, np.random.default_rng(0)), rule).mean() <= 0.02
    overlapping = simulate_overlapping(discs, 200, seed=3).pixels
    assert valid(overlapping, rule).mean() <= 0.1  # 4.6 % of 1,000, see docs/microstructures.md


@pytest.mark.slow
def test_shares_that_pass_at_full_size(discs):
    rule = learn(simulate(discs, 2000, seed=1).pixels)
    held = simulate(discs, 1000, seed=2).pixels
    assert valid(held, rule).mean() >= 0.95
    for damage in DAMAGES.values():
        assert valid(damage(held, np.random.default_rng(0)), rule).mean() <= 0.01
    assert valid(simulate_overlapping(discs, 1000, seed=3).pixels, rule).mean() <= 0.01


def test_bounds_are_quantiles_with_the_allowance_shared_out(rule, real):
    assert rule.images == 400
    # 8 upper and 5 lower bounds share 3 %: 0.23 % of 400 is 0.9, so that none is beyond.
    lower = [name for name, bounds in rule.bounds.items() if bounds.low is not None]
    upper = [name for name, bounds in rule.bounds.items() if bounds.high is not None]
    assert lower == ["fraction", "discs", "roundness", "edge", "grain"]
    assert len(upper) == 8
    assert valid(real, rule).all()


def test_a_rule_survives_json_and_signed_images(rule, held):
    again = ValidityRule.from_json(rule.model_dump_json())
    assert again == rule
    signed = held.astype(np.float32) / 127.5 - 1
    assert np.array_equal(valid(signed, again), valid(held, rule))


def test_too_few_images_to_learn_from(real):
    with pytest.raises(DataError, match=r"199 images are too few .* 200 or more"):
        learn(real[:199])
    with pytest.raises(DataError, match=r"images of 31x64 pixels are too small"):
        learn(real[:, :, :31])


def test_damages_repeat_by_seed_and_leave_images_as_they_are(held):
    before = held[:4].copy()
    for damage in DAMAGES.values():
        first, again = (damage(held[:4], np.random.default_rng(5)) for _ in range(2))
        assert np.array_equal(first, again)
        assert first.shape == before.shape
        assert first.dtype == np.uint8
        assert not np.array_equal(first, before)
    assert np.array_equal(held[:4], before)


def test_the_test_loads_no_torch():
    # A server asks for it, and must not wait for torch.
    code = "import sys, secateur.judging.validity; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
