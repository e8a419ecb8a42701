import pytest
import torch
from torch import nn

from secateur.compression.plan import SurgeryPlan
from secateur.errors import UntraceableNetworkError


class Shuffle(nn.Module):
    """Rolls its channels: an operation that looks element-wise to a tracer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, images):
        return self.head(torch.roll(self.first(images), 3, dims=1))


class GatedLinearUnit(nn.Module):
    """Couples channel i with channel i + 8 of one layer."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 16, 3)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, images):
        value, gate = self.first(images).chunk(2, dim=1)
        return self.head(value * gate.sigmoid())


class FixedView(nn.Module):
    """Writes the number of its channels into the code."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, images):
        features = self.first(images)
        return self.head(features.view(len(images), 8, *features.shape[2:]))


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (Shuffle(), "changes what the others compute"),
        (GatedLinearUnit(), "."),
        (FixedView(), "does not run when pruned"),
    ],
)
def test_surgery_that_would_be_wrong_is_refused(network, reason):
    with pytest.raises(UntraceableNetworkError, match=reason) as caught:
        SurgeryPlan.of(network, (3, 8, 8))
    assert "\n" not in str(caught.value)


def test_norms_across_channels_are_allowed():
    network = nn.Sequential(nn.Conv2d(3, 16, 3), nn.GroupNorm(4, 16), nn.Conv2d(16, 2, 1))
    (group,) = SurgeryPlan.of(network, (3, 8, 8)).groups
    assert (group.width, group.out_channels) == (4, 16)
