import pytest
import torch
from torch import nn

from secateur.models.generators.geometry import smallest, steps

# Sides are halved, rounded up, until a further halving would leave less than 4.
PATHS = {
    (1, 28, 28): [(28, 28), (14, 14), (7, 7), (4, 4)],
    (3, 32, 32): [(32, 32), (16, 16), (8, 8), (4, 4)],
    (1, 64, 64): [(64, 64), (32, 32), (16, 16), (8, 8), (4, 4)],
    (1, 8, 8): [(8, 8), (4, 4)],
    (3, 17, 31): [(17, 31), (9, 16), (5, 8), (3, 4)],
    (1, 5, 5): [(5, 5)],
    # Series: quartered while that leaves 4 and more of a multiple of 4, then halved.
    (1, 1, 512): [(1, 512), (1, 128), (1, 32), (1, 8), (1, 4)],
    (2, 1, 250): [(1, 250), (1, 125), (1, 63), (1, 32), (1, 8), (1, 4)],
}


@pytest.mark.parametrize("shape", PATHS, ids=str)
def test_the_path_of_an_image(shape):
    path = steps(shape)
    assert [(shape[1], shape[2]), *(step.small for step in path)] == PATHS[shape]
    assert smallest(shape) == PATHS[shape][-1]


@pytest.mark.parametrize("shape", PATHS, ids=str)
def test_convolutions_take_every_step_down_and_transposed_ones_back_up(shape):
    for step in steps(shape):
        geometry = (step.kernel, step.stride, step.padding)
        large, small = torch.zeros(1, 1, *step.large), torch.zeros(1, 1, *step.small)
        assert nn.Conv2d(1, 1, *geometry)(large).shape == small.shape
        assert nn.ConvTranspose2d(1, 1, *geometry)(small).shape == large.shape


def test_series_of_every_length_have_a_path():
    for length in range(1, 3000):
        for step in steps((1, 1, length)):
            kernel, stride, padding = step.kernel[1], step.stride[1], step.padding[1]
            assert step.small[1] == (step.large[1] + 2 * padding - kernel) // stride + 1
            assert step.large[1] == (step.small[1] - 1) * stride - 2 * padding + kernel
        assert smallest((1, 1, length))[1] < 8
