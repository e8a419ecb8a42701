from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from secateur.models.generators.whole_map import MapToPixel, PixelToMap

SIDES = (4, 3)


def gradients(layer: nn.Module, given: Tensor) -> list[Tensor]:
    """Of the sum of squares of what the layer answers."""
    given = given.clone().requires_grad_()
    made = layer(given)
    return [made, *torch.autograd.grad(made.square().sum(), [given, *layer.parameters()])]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (PixelToMap(5, 6, SIDES), (2, 5, 1, 1)),
        (PixelToMap(5, 6, SIDES, bias=False), (2, 5, 1, 1)),
        (MapToPixel(5, 6, SIDES), (2, 5, *SIDES)),
    ],
    ids=["up", "up without bias", "down"],
)
def test_training_computes_what_the_convolution_does(
    layer: nn.Module, shape: tuple[int, ...], layout: torch.memory_format
) -> None:
    layer, given = layer.to(memory_format=layout), torch.randn(shape).to(memory_format=layout)
    plain, trained = gradients(layer.eval(), given), gradients(layer.train(), given)
    for one, other in zip(plain, trained, strict=True):
        torch.testing.assert_close(one, other)


def test_a_pixel_becomes_its_sum_of_kernels() -> None:
    layer = PixelToMap(2, 1, (1, 2), bias=False).train()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[[1.0, 2.0]]], [[[10.0, 20.0]]]]))
        made = layer(torch.tensor([3.0, 1.0]).view(1, 2, 1, 1))
    # 3·(1, 2) + 1·(10, 20)
    assert made.tolist() == [[[[13.0, 26.0]]]]
