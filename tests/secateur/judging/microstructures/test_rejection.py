import numpy as np
import pytest
import torch
from torch import nn

from secateur.errors import StageError
from secateur.judging.rejection import sample_valid
from secateur.judging.validity import valid
from secateur.training.generative import sample


class Shelf(nn.Module):
    """Makes a real image of noise whose first value is below a level, and a grey one else."""

    latent = 2

    def __init__(self, images, level):
        super().__init__()
        self.register_buffer("images", torch.from_numpy(images.astype(np.float32)) / 127.5 - 1)
        self.level = nn.Parameter(torch.tensor(level))

    def forward(self, noise):
        flat = noise.flatten(1)
        places = (flat[:, 1].abs() * 1000).long() % len(self.images)
        real = (flat[:, 0] < self.level).float()[:, None, None, None]
        return self.images[places] * real


@pytest.fixture(scope="module")
def passing(held, rule):
    return held[valid(held, rule)]


@pytest.fixture(scope="module")
def shelf(passing):
    return Shelf(passing, level=0.0)


def test_all_images_are_valid_and_the_first_that_are(shelf, rule):
    accepted = sample_valid(shelf, 60, seed=7, rule=rule)
    assert accepted.images.shape == (60, 1, 64, 64)
    assert valid(accepted.images, rule).all()
    everything = sample(shelf, accepted.tried, seed=7)
    places = np.flatnonzero(valid(everything, rule))
    assert accepted.positions == tuple(places)
    assert torch.equal(everything[torch.from_numpy(places)], accepted.images)
    # Half of the noise is below 0: 120 tries are expected, with a deviation of sqrt(120).
    assert 80 < accepted.tried < 165


def test_a_seed_gives_the_same_images_and_more_of_them_begin_alike(shelf, rule):
    first, again = (sample_valid(shelf, 10, seed=3, rule=rule) for _ in range(2))
    assert torch.equal(first.images, again.images)
    assert first.positions == again.positions
    more = sample_valid(shelf, 20, seed=3, rule=rule)
    assert more.positions[:10] == first.positions
    assert not torch.equal(sample_valid(shelf, 10, seed=4, rule=rule).images, first.images)


def test_a_generator_that_never_passes_ends_with_the_share(passing, rule):
    grey = Shelf(passing, level=-100.0)
    with pytest.raises(StageError, match=r"0 of 150 generated images \(0\.0%\) .* expected 5"):
        sample_valid(grey, 5, seed=0, rule=rule, most_tries=150)


def test_too_few_tries_end_with_the_share_that_passed(shelf, rule):
    with pytest.raises(StageError, match=r"of 50 generated images \([3-7]\d\.\d%\) .* expected 60"):
        sample_valid(shelf, 60, seed=0, rule=rule, most_tries=50)


def test_modes_and_random_state_stay_as_they_were(shelf, rule):
    shelf.train()
    state = torch.get_rng_state()
    sample_valid(shelf, 2, seed=0, rule=rule)
    assert shelf.training
    assert torch.equal(torch.get_rng_state(), state)
