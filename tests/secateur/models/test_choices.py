"""Every choice that a space offers makes a network, on a device that computes shapes alone."""

import pytest
import torch

from secateur.models import build, families
from secateur.records import Architecture
from tests.secateur.choices import choices

SHAPE = (3, 80, 80)  # large enough for the stems of ImageNet
CHOICES = sorted(choices(families()), key=str)


def test_choices_are_found():
    assert {("lenet", "pooling", "average"), ("vgg", "depth", 19)} <= set(CHOICES)


@pytest.mark.parametrize(("name", "field", "value"), CHOICES)
def test_every_choice_makes_a_network(name, field, value, small):
    arguments = small[name] | {field: value}
    asked = Architecture(name=name, arguments=arguments, input_shape=SHAPE, classes=7)
    with torch.device("meta"):
        assert build(asked).eval()(torch.empty(2, *SHAPE)).shape == (2, 7)
