"""A user's own arrays: images and labels in one ``.npz`` file of NumPy."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secateur.data.images import Images
from secateur.data.registry import Source, register
from secateur.data.splits import hold_out_test, shuffled
from secateur.errors import DataError, cause, nearest
from secateur.paths import expanded
from secateur.spec import ArraysData

Array = NDArray[Any]

_TEST = ("test_images", "test_labels")
_LABELS = ("labels", "test_labels", "classes")
_KEYS = ("images", "labels", *_TEST, "classes")
_CHANNELS = (1, 3)
_GREY, _COLOUR = 3, 4  # axes of images without and with one of channels
_WHITE = 255
_UNLABELLED = "unlabelled"

# What NumPy's reader raises on files that are absent, broken, or hold Python objects.
_FAILURES = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    # Of a header that is no header, or that tells of more than there can be.
    TokenError,
    OverflowError,
    MemoryError,
)


@register("arrays")
def arrays(spec: ArraysData, seed: int) -> Source:
    """Read the file at ``spec.path``; what is in it is data, pickled objects are refused.

    - ``images``: (images, height, width), or with 1 or 3 channels as the second or the last
      axis, the second where both would do. uint8, or floats in [0, 1] or in [0, 255]: floats
      are taken for the former if none of the file exceeds 1, and rounded to 256 levels.
    - ``labels``: integers (images,), from 0, each class with one at least; without them, or
      where all are 0, there is one class, which is enough for what needs no classes.
    - ``test_images`` and ``test_labels``: the same of the test split; without them it is
      ``spec.test`` of the images, chosen by seed.
    - ``classes``: names of the classes, strings (classes,); without them the numbers from 0
      to the greatest label.

    Raises:
        DataError: an absent or broken file, an unknown or absent array, one of a wrong shape
            or type, a value that is not finite or out of range, labels out of range or not
            as many as images, or a class without any.
    """
    path = expanded(spec.path)
    content = _content(path)
    labels = _names(path, content)
    scale = _scale(path, content)
    images = _images(path, content, "", labels, scale)
    if absent := sorted(set(range(len(labels))) - set(images.labels.tolist())):
        raise DataError(f"{path}: no label is {absent[0]}; expected all of 0 to {len(labels) - 1}")
    if "test_images" not in content:
        pool, test = hold_out_test(images, labels, spec.test, seed, field="data.test")
        return Source(path.stem, labels, pool, test)
    test = _images(path, content, "test_", labels, scale)
    return Source(path.stem, labels, images, shuffled(test, seed))


def _content(path: Path) -> dict[str, Array]:
    """All arrays of the file, by name."""
    try:
        # Opened here, since NumPy leaves files open that are broken.
        with path.open("rb") as stream:
            # np.load would take files of other kinds for pickles, and say so.
            file = np.lib.npyio.NpzFile(stream, allow_pickle=False)
            content = {key: file[key] for key in file.files}
    except _FAILURES as error:
        raise DataError(
            f"{path}: cannot be read as arrays ({cause(error)}); "
            "expected a file of numpy.savez with images and labels"
        ) from None
    _check_keys(path, content)
    return content


def _check_keys(path: Path, content: Mapping[str, object]) -> None:
    for key, value in content.items():
        if key not in _KEYS:
            raise DataError(f"{path}: unknown array '{key}'; expected {nearest(key, _KEYS)}")
        if not isinstance(value, np.ndarray):  # NumPy hands out what is no array as bytes
            raise DataError(f"{path}: '{key}' is no array; expected a file of numpy.savez")
    parts = ("", "test_") if any(key in content for key in _TEST) else ("",)
    labelled = any(key in content for key in _LABELS)
    kinds = ("images", "labels") if labelled else ("images",)
    needed = [f"{part}{kind}" for part in parts for kind in kinds]
    if missing := [key for key in needed if key not in content]:
        raise DataError(f"{path}: no array '{missing[0]}'; expected {', '.join(needed)}")


def _names(path: Path, content: Mapping[str, Array]) -> tuple[str, ...]:
    """Names of the classes: those given, or as many numbers as the labels need."""
    if "classes" in content:
        given = content["classes"]
        if given.ndim != 1 or given.dtype.kind != "U" or len(set(given.tolist())) < len(given):
            raise DataError(
                f"{path}: classes are {_described(given)}; expected one axis of distinct strings"
            )
        return tuple(given.tolist())
    if "labels" not in content:
        return (_UNLABELLED,)
    labels = content["labels"]
    top = int(labels.max(initial=0)) if labels.dtype.kind in "iu" else 0
    # Every class needs images: a label beyond their number is a mistake in any case.
    count = max(1, min(top + 1, labels.size))
    return tuple(str(number) for number in range(count))


def _scale(path: Path, content: Mapping[str, Array]) -> float:
    """What to multiply floats by; one for the whole file, since a dark part may lack a white."""
    most = 0.0
    for key in ("images", "test_images"):
        pixels = content.get(key)
        if pixels is None or pixels.dtype.kind != "f" or not pixels.size:
            continue
        low, high = float(pixels.min()), float(pixels.max())
        if not np.isfinite([low, high]).all():
            bad = ~np.isfinite(pixels)
            first = np.unravel_index(bad.argmax(), bad.shape)
            raise DataError(
                f"{path}: {key}[{', '.join(map(str, first))}] is {pixels[first]}, one of "
                f"{bad.sum()} values that are not finite; expected none"
            )
        if low < 0 or high > _WHITE:
            raise DataError(
                f"{path}: {key} hold {low:g} to {high:g}; "
                "expected floats in [0, 1] or in [0, 255], or uint8"
            )
        most = max(most, high)
    return 1.0 if most > 1 else float(_WHITE)


def _images(
    path: Path, content: Mapping[str, Array], part: str, labels: tuple[str, ...], scale: float
) -> Images:
    """The images and labels under the keys that begin with ``part``."""
    pixels = content[f"{part}images"]
    if pixels.dtype != np.uint8 and pixels.dtype.kind != "f":
        raise DataError(
            f"{path}: {part}images are {_described(pixels)}; expected uint8, or floats in "
            "[0, 1] or in [0, 255]"
        )
    ordered = _channels_first(path, f"{part}images", pixels)
    if pixels.dtype.kind == "f":
        ordered = np.rint(ordered * scale).astype(np.uint8)
    numbers = content.get(f"{part}labels", np.zeros(len(pixels), np.int64))
    classes = _classes(path, f"{part}labels", numbers, len(pixels), labels)
    return Images(np.ascontiguousarray(ordered), classes)


def _channels_first(path: Path, key: str, pixels: Array) -> Array:
    if pixels.size and pixels.ndim == _GREY:
        return pixels[:, None]
    if pixels.size and pixels.ndim == _COLOUR:
        if pixels.shape[1] in _CHANNELS:
            return pixels
        if pixels.shape[-1] in _CHANNELS:
            return pixels.transpose(0, 3, 1, 2)
    raise DataError(
        f"{path}: {key} are {_described(pixels)}; expected (images, height, width), "
        "or with 1 or 3 channels as second or last axis, and none of them empty"
    )


def _classes(
    path: Path, key: str, numbers: Array, count: int, labels: tuple[str, ...]
) -> NDArray[np.int64]:
    if numbers.dtype.kind not in "iu" or numbers.shape != (count,):
        raise DataError(
            f"{path}: {key} are {_described(numbers)} for {count} images; "
            f"expected integers of shape ({count},)"
        )
    outside = (numbers < 0) | (numbers >= len(labels))
    if outside.any():
        first = int(outside.argmax())
        raise DataError(
            f"{path}: {key}[{first}] is {numbers[first]}, one of {outside.sum()} out of range; "
            f"expected 0 to {len(labels) - 1}, for {len(labels)} classes"
        )
    return numbers.astype(np.int64)


def _described(array: Array) -> str:
    return f"{array.dtype} of shape {array.shape}"
