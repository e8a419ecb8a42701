"""Data sets: images in memory, split by seed, from one file a source. Loads no torch."""

from secateur.data import (  # noqa: F401 - importing a source registers it
    arithmetic,
    arrays,
    digits,
    image_folder,
    microstructures,
    motors,
    published,
)
from secateur.data.dataset import Dataset, Development
from secateur.data.images import Images
from secateur.data.registry import load, sources

__all__ = ["Dataset", "Development", "Images", "load", "sources"]
