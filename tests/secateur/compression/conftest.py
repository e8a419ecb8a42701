"""Networks that the tests of this folder prune, by name."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from tests.secateur.lively import enliven


class LeNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(16 * 8 * 8, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10),
        )


class MLP(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Flatten(),
            nn.Linear(64, 48),
            nn.LayerNorm(48),
            nn.Tanh(),
            nn.Dropout(0.5),
            nn.Linear(48, 32),
            nn.PReLU(32),
            nn.Linear(32, 10),
        )


class UNet(nn.Module):
    """Skips by concatenation, one of them from the input itself."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 16, 3, 2, 1)
        self.bottom = nn.Conv2d(16, 24, 3, padding=1)
        self.norm = nn.BatchNorm2d(40)
        self.up = nn.ConvTranspose2d(40, 12, 4, 2, 1)
        self.head = nn.Conv2d(15, 2, 1)

    def forward(self, images):
        down = self.down(images).relu()
        deep = self.norm(torch.cat([self.bottom(down).relu(), down], 1))
        return self.head(torch.cat([images, self.up(deep).relu()], 1))


class Generator(nn.Sequential):
    """DCGAN's generator (Radford et al. 2016) with a transposed stem."""

    def __init__(self):
        super().__init__(
            nn.ConvTranspose2d(20, 64, 4, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 4, 2, 1),
            nn.Tanh(),
        )


class Grouped(nn.Sequential):
    """Grouped convolutions between dense ones: four channels bound to one."""

    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 16, 3),
            nn.Conv2d(16, 32, 3, groups=4),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, groups=32),
            nn.Conv2d(32, 8, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 5),
        )


class Added(nn.Module):
    """A sum of one wide layer with two narrow ones side by side; the wide one runs first."""

    def __init__(self):
        super().__init__()
        self.wide = nn.Conv2d(3, 20, 3, padding=1)
        self.left = nn.Conv2d(3, 12, 3, padding=1)
        self.right = nn.Conv2d(3, 8, 3, padding=1)
        self.head = nn.Conv2d(20, 4, 3)

    def forward(self, images):
        wide = self.wide(images)
        narrow = torch.cat([self.left(images), self.right(images)], 1)
        return self.head((wide + narrow).relu())


def _tv(name: str, **arguments: object) -> Callable[[], nn.Module]:
    return lambda: getattr(torchvision.models, name)(num_classes=10, **arguments)


def _narrow(name: str) -> Callable[[], nn.Module]:
    """A VGG without its 100 million dense weights, for 32x32 images."""

    def build() -> nn.Module:
        network = _tv(name)()
        network.avgpool, network.classifier = nn.Identity(), nn.Linear(512, 10)
        return network

    return build


NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int]]] = {
    "mlp": (MLP, (1, 8, 8)),
    "lenet": (LeNet, (1, 24, 24)),
    "unet": (UNet, (3, 16, 16)),
    "generator": (Generator, (20, 1, 1)),
    "grouped": (Grouped, (3, 12, 12)),
    "added": (Added, (3, 8, 8)),
    "vgg19_bn": (_narrow("vgg19_bn"), (3, 32, 32)),
    "resnet18": (_tv("resnet18"), (3, 32, 32)),
    "mobilenet_v2": (_tv("mobilenet_v2"), (3, 32, 32)),
    "efficientnet_b0": (_tv("efficientnet_b0"), (3, 32, 32)),
    "googlenet": (_tv("googlenet", aux_logits=False, init_weights=False), (3, 64, 64)),
    "vgg11": (_tv("vgg11"), (3, 32, 32)),
    "alexnet": (_tv("alexnet"), (3, 64, 64)),
    "resnet34": (_tv("resnet34"), (3, 64, 64)),
    "resnet50": (_tv("resnet50"), (3, 64, 64)),
    "densenet121": (_tv("densenet121"), (3, 32, 32)),
    "resnext50": (_tv("resnext50_32x4d"), (3, 64, 64)),
    "regnet": (_tv("regnet_y_400mf"), (3, 64, 64)),
}
SLOW = ("vgg11", "alexnet", "resnet34", "resnet50", "densenet121", "resnext50", "regnet")


# Where torch-pruning cannot be the reference:
#   added: it takes the wide layer's channels as one scope to rank, while here the two
#       narrow layers are decided one by one.
#   unet: it does not see the input in a concatenation and cuts the head at wrong indices.
UNLIKE_TORCH_PRUNING = ("added", "unet")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that take ``network_name`` once a network; the big ones are slow.

    ``comparable_name`` leaves out those that torch-pruning cuts otherwise.
    """
    for fixture, without in (("network_name", ()), ("comparable_name", UNLIKE_TORCH_PRUNING)):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(
                fixture,
                [
                    pytest.param(name, marks=pytest.mark.slow if name in SLOW else ())
                    for name in NETWORKS
                    if name not in without
                ],
            )


@pytest.fixture
def build() -> Callable[[str], tuple[nn.Module, tuple[int, int, int]]]:
    """Function from a name to an untrained network with lively norms, and its input shape."""

    def make(name: str) -> tuple[nn.Module, tuple[int, int, int]]:
        builder, shape = NETWORKS[name]
        return enliven(builder()), shape

    return make


@pytest.fixture
def random_widths() -> Callable[..., tuple[int, ...]]:
    """Function (groups, seed) -> one random width a group, from 1 to dense."""

    def draw(groups, seed: int) -> tuple[int, ...]:
        generator = np.random.default_rng(seed)
        return tuple(int(generator.integers(1, group.width + 1)) for group in groups)

    return draw
