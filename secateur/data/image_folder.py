"""A user's own images: a folder a class, or ``train`` and ``test`` with a folder a class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from secateur.data.decoding import SUFFIXES, Mode, decode, stored_mode
from secateur.data.images import Images
from secateur.data.registry import Source, register
from secateur.data.splits import hold_out_test, shuffled
from secateur.errors import DataError
from secateur.paths import expanded
from secateur.spec import ImageFolderData

_CHANNELS: dict[Mode, int] = {"gray": 1, "rgb": 3}
_LAYOUT = "expected folders of images, one a class, or 'train' and 'test' with those"
_SPLITS = {"train", "test"}

# Names of the image files of each class, by class name, both in order.
Tree = dict[str, list[str]]


@register("image-folder")
def image_folder(spec: ImageFolderData, seed: int) -> Source:
    """Read all images below ``spec.root``.

    Classes are the names of the folders, in alphabetical order; one is enough for what needs
    no classes. Images lie directly in them; files are images by their suffix, others are
    passed over, and so is whatever begins with a dot. Pixels follow
    ``secateur.data.decoding.decode``, in the mode that ``spec.mode`` names; without one they
    have one channel where all files are stored in grey, and three where none is.

    An image that cannot be read ends the job, or with ``spec.on_error`` "skip" is passed
    over and listed in ``Source.skipped``; a class folder must keep at least one image.

    Raises:
        DataError: an absent or empty folder, an image that cannot be read, images of several
            sizes where ``spec.size`` is absent, or some in grey and some in colour where
            ``spec.mode`` is.
    """
    root = expanded(spec.root)
    if not root.is_dir():
        raise DataError(f"data.root: {root} is no folder; {_LAYOUT}")
    if (root / "train").is_dir() and (root / "test").is_dir():
        return _with_test(root, spec, seed)
    tree = _scan(root)
    labels = tuple(tree)
    images, skipped = _read(_files(tree), spec)
    whole = _labelled(root, tree, images, skipped)
    pool, test = hold_out_test(whole, labels, spec.test, seed, field="data.test")
    return Source(_called(root), labels, pool, test, skipped)


def _called(root: Path) -> str:
    """The name of a folder, also of `.` and `..`; a link has its own."""
    return Path(os.path.abspath(root)).name


def _with_test(root: Path, spec: ImageFolderData, seed: int) -> Source:
    train, test = _scan(root / "train"), _scan(root / "test")
    if odd := sorted(set(train) ^ set(test)):
        raise DataError(f"{root}: class '{odd[0]}' is not in both of 'train' and 'test'")
    pixels, skipped = _read(_files(train) + _files(test), spec)
    count = len(set(_files(train)) - set(skipped))
    pool = _labelled(root / "train", train, pixels[:count], skipped)
    held = _labelled(root / "test", test, pixels[count:], skipped)
    return Source(_called(root), tuple(train), pool, shuffled(held, seed), skipped)


def _scan(folder: Path) -> Tree:
    names = _entries(folder, folders=True)
    if set(names) <= _SPLITS:
        held = f"only the class folder '{names[0]}'" if names else "no class folders"
        raise DataError(f"{folder}: holds {held}; {_LAYOUT}")
    return {name: _images(folder / name) for name in names}


def _images(folder: Path) -> list[str]:
    names = _entries(folder, folders=False)
    paths = [f"{folder}/{name}" for name in names if os.path.splitext(name)[1].lower() in SUFFIXES]
    if not paths and _entries(folder, folders=True):
        raise DataError(f"{folder}: holds folders in place of images; {_LAYOUT}")
    if not paths:
        raise DataError(
            f"{folder}: class folder without an image; "
            f"expected files ending in {', '.join(sorted(SUFFIXES))}"
        )
    return paths


def _entries(folder: Path, *, folders: bool) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.is_dir() == folders and not entry.name.startswith(".")
            )
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror}; expected a readable folder") from None


def _files(tree: Tree) -> list[str]:
    return [path for paths in tree.values() for path in paths]


def _labelled(root: Path, tree: Tree, pixels: NDArray[np.uint8], skipped: Sequence[str]) -> Images:
    """The images that were read of a tree, with the classes of their folders."""
    gone = frozenset(skipped)
    counts = [sum(path not in gone for path in paths) for paths in tree.values()]
    if 0 in counts:
        name = list(tree)[counts.index(0)]
        raise DataError(
            f"{root / name}: class folder without an image that can be read; "
            f"all {len(tree[name])} were skipped, expected one or more"
        )
    return Images(pixels, np.repeat(np.arange(len(counts), dtype=np.int64), counts))


def _read(paths: Sequence[str], spec: ImageFolderData) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Decode into one array, allocated once; threads did not pay for small images.

    Returns:
        The images that can be read, and the paths of those that were skipped.
    """
    channels = _CHANNELS[spec.mode or _common_mode(paths)]
    pixels = np.empty((0, channels, 1, 1), np.uint8)
    kept: list[str] = []
    skipped: list[str] = []
    for path in paths:
        try:
            image = decode(path, channels, spec.size)
        except DataError as error:
            if spec.on_error == "fail":
                raise DataError(f"{error}, or data.on_error: skip") from None
            skipped.append(path)
            continue
        if not kept:
            pixels = np.empty((len(paths), *image.shape), np.uint8)
        elif image.shape != pixels.shape[1:]:
            raise DataError(
                f"{path}: {_sides(image.shape)} pixels, unlike {_sides(pixels.shape)} of "
                f"{kept[0]}; expected one size, or a size to resize to in data.size"
            )
        pixels[len(kept)] = image
        kept.append(path)
    return pixels[: len(kept)], tuple(skipped)


def _common_mode(paths: Sequence[str]) -> Mode:
    """The mode of all files, by their heads; one that has no sound head is another's to tell."""
    first: dict[Mode, str] = {}
    for path in paths:
        mode = stored_mode(path)
        if mode is not None:
            first.setdefault(mode, path)
    if len(first) > 1:
        raise DataError(
            f"{first['gray']} is grey and {first['rgb']} is in colour; expected all alike, or "
            "data.mode: rgb, which repeats grey in all three colours, or data.mode: gray"
        )
    return next(iter(first), "rgb")


def _sides(shape: tuple[int, ...]) -> str:
    return f"{shape[-2]}x{shape[-1]}"
