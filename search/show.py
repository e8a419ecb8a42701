"""The end of a job: what it published, served, answers over HTTP."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from search.evaluate import graph_input
from search.home import Home
from search.progress import Progress
from secateur.data.images import Images
from serving.client import classify, infer
from serving.server import running
from serving.source import RegistrySource

_PICTURES = (1, 3)  # channels of what a file can hold


def show(name: str, alias: str, home: Home, test: Images, labels: tuple[str, ...], count: int,
         progress: Progress) -> int:  # fmt: skip
    """Serve a model on a free port of loopback and classify test images through it.

    Args:
        name: of the registered model.
        alias: of its version.
        home: its registry and cache.
        test: images to draw from, evenly spread.
        labels: names of the classes.
        count: images to classify.
        progress: takes a line an image.

    Returns:
        How many answers were right.
    """
    source = RegistrySource(name, home.tracking_uri, home.model_cache, alias)
    right = 0
    # Nobody else knows the port: no API keys, whatever the environment holds.
    with running([source], environment={}) as url:
        progress.line(f"\n{name}@{alias} answers at {url}")
        for index in np.linspace(0, len(test) - 1, count, dtype=int):
            label, probability = _asked(url, name, test.take(np.array([index])), labels)
            truth = labels[test.labels[index]]
            right += label == truth
            progress.line(
                f"  test image {index:>5}: {label} ({probability:.1%}), truth {truth}"
                f"{'' if label == truth else '  <- wrong'}"
            )
    return right


def _asked(url: str, name: str, image: Images, labels: tuple[str, ...]) -> tuple[str, float]:
    """The label of one image and its probability: asked as a picture, or as the array it is."""
    if image.shape[0] in _PICTURES:
        answer = classify(url, name, png(image.pixels[0]))
        return answer.label, answer.probabilities[answer.label]
    probabilities = infer(url, name, graph_input(image))
    best = max(range(len(labels)), key=probabilities.__getitem__)
    return labels[best], probabilities[best]


def png(pixels: np.ndarray) -> bytes:
    """Encode uint8 pixels of shape (channels, height, width) as a PNG file."""
    image = Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
