import numpy as np
import pytest

from secateur.data import Dataset, Images, load
from secateur.models import build
from secateur.records import Architecture
from secateur.spec import DigitsData


@pytest.fixture(scope="session")
def digits():
    return load(DigitsData(), seed=0)


@pytest.fixture(scope="session")
def bars():
    """40 images of 1x8x8: class 0 is bright on the left, class 1 on the right."""
    generator = np.random.default_rng(0)
    labels = np.arange(40, dtype=np.int64) % 2
    pixels = generator.integers(0, 100, (40, 1, 8, 8), dtype=np.uint8)
    pixels[labels == 0, :, :, :4] += 100
    pixels[labels == 1, :, :, 4:] += 100
    images = Images(pixels, labels)
    splits = (images.take(slice(0, 20)), images.take(slice(20, 30)), images.take(slice(30, 40)))
    return Dataset.of("bars", ("left", "right"), *splits)


@pytest.fixture
def network_for():
    """Builds a network that fits a data set."""

    def make(data, name="mlp", seed=0, **arguments):
        classes = len(data.labels)
        asked = Architecture(
            name=name, arguments=arguments, input_shape=data.input_shape, classes=classes
        )
        return build(asked, seed)

    return make
