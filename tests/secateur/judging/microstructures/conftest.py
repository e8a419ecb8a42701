import numpy as np
import pytest

from secateur.data.microstructures import simulate
from secateur.judging.validity import learn
from secateur.spec import MicrostructuresData


def drawn(discs, side=64, low=60, high=190, soft=1.0):
    """A grey image (side, side) of discs, rows of (x, y, radius), with soft outlines."""
    y, x = np.indices((side, side)) + 0.5
    filled = np.zeros((side, side))
    for across, down, radius in discs:
        depth = radius - np.hypot(x - across, y - down)
        filled = np.maximum(filled, np.clip(depth / soft + 0.5, 0, 1))
    return np.rint(low + (high - low) * filled).astype(np.uint8)


@pytest.fixture(scope="session")
def draw():
    return drawn


@pytest.fixture(scope="session")
def discs():
    return MicrostructuresData()


@pytest.fixture(scope="session")
def real(discs):
    """400 simulated images to learn from."""
    return simulate(discs, 400, seed=1).pixels


@pytest.fixture(scope="session")
def held(discs):
    """200 others."""
    return simulate(discs, 200, seed=2).pixels


@pytest.fixture(scope="session")
def rule(real):
    return learn(real)
