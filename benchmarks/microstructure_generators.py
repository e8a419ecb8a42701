"""Generators of microstructures, trained piece by piece and judged by the validity test."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks import hardware
from benchmarks.page import Result, read, write
from search.home import Home
from secateur.data import Development, load
from secateur.errors import StageError
from secateur.judging.microstructures.measures import MicrostructureMeasures
from secateur.judging.rejection import sample_valid
from secateur.judging.validity import learn
from secateur.records import Architecture, GenerativeMetrics, GenerativeRecipe
from secateur.spec import MicrostructuresData
from secateur.training.generative import GenerativeModel, begin, sample, train

_SEED = 0  # of the data's splits
_LEARNED = 1000  # training images that the validity test is learned from
_SKETCH = 100  # images that are judged after each piece
_JUDGE_SEED = 12345
_ACCEPTED = 200
_STEPS = 1_000_000  # more than any piece has time for

_SHARED: dict[str, Any] = {
    "batch_size": 32,
    "ema": 0.999,
    "schedule": "one-cycle",
    "steps": _STEPS,
    "interval": 100,
}

GENERATORS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "diffusion": (
        "diffusion",
        {"width": 16, "sampling_steps": 25, "solver": "dpm"},
        {"learning_rate": 2e-3, "momentum": 0.9},
    ),
    "dcgan": (
        "dcgan",
        {"width": 24, "critic_width": 24, "critic_normalization": "none"},
        {"learning_rate": 4e-4, "constraint": "spectral-norm"},
    ),
    "dcgan-averaged": (
        "dcgan",
        {"width": 32, "critic_width": 32},
        {"learning_rate": 2e-3, "critic_rate": 1e-3, "schedule": "constant"},
    ),
    "wgan-gp": (
        "dcgan",
        {"width": 24, "critic_width": 24, "critic_normalization": "none"},
        {
            "learning_rate": 4e-4,
            "loss": "wasserstein",
            "constraint": "gradient-penalty",
            "critic_steps": 2,
        },
    ),
    "wgan-clipping": (
        "dcgan",
        {"width": 24, "critic_width": 24},
        {
            "learning_rate": 2e-4,
            "loss": "wasserstein",
            "constraint": "clipping",
            "optimizer": "rmsprop",
            "critic_steps": 5,
        },
    ),
    "vae-gan": ("vae-gan", {"width": 24, "encoder_width": 24, "critic_width": 24}, {}),
}
"""Family, its arguments and its recipe, by the name of the row."""


def run(given: Namespace, folder: Path) -> None:
    """Train a generator for a piece of time, or judge it."""
    file = folder / f"generator-{given.generator}-{given.seed}.json"
    data = load(MicrostructuresData(), _SEED).development
    if given.command == "judge":
        judge(given, file, data)
    else:
        piece(given, file, data)


def architecture_of(name: str, data: Development) -> Architecture:
    family, arguments, _ = GENERATORS[name]
    return Architecture(name=family, arguments=arguments, input_shape=data.input_shape, classes=1)


def recipe_of(name: str, seed: int, pieces: int, given: Namespace) -> GenerativeRecipe:
    """Of the next piece; pieces differ in the seed of their order and noise.

    The optimizer begins anew with each, so that every piece warms up and cools down where the
    generator's own recipe does not say otherwise.
    """
    own = {"seconds": given.seconds, "seed": 1000 * seed + pieces}
    return GenerativeRecipe(**_SHARED | GENERATORS[name][2] | own)


def piece(given: Namespace, file: Path, data: Development) -> None:
    """Train on from the weights of the last piece, and note how it went."""
    found = read(file) or {"pieces": []}
    recipe = recipe_of(given.generator, given.seed, len(found["pieces"]), given)
    architecture = architecture_of(given.generator, data)
    model = begin(architecture, recipe)
    if found["pieces"]:
        model.load_state_dict(torch.load(_weights(file), weights_only=True))
    pixels = torch.from_numpy(data.train.pixels)
    last = _through(train(model, pixels, recipe), started=time.monotonic())
    _weights(file).parent.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), _weights(file))
    noted = {
        "steps": last.step,
        "seconds": last.seconds,
        "losses": last.losses,
        **_sketch(model, data),
    }
    found["pieces"].append(noted)
    found |= {"architecture": architecture.model_dump(), "recipe": recipe.model_dump()}
    write(file, found | {"machine": {**hardware.facts(), "threads": torch.get_num_threads()}})
    print(given.generator, len(found["pieces"]), noted, flush=True)


def _through(course: Iterator[GenerativeMetrics], started: float) -> GenerativeMetrics:
    for metrics in course:
        wall = time.monotonic() - started
        print(f"  {metrics.step} {metrics.losses} {metrics.seconds:.0f} s, {wall:.0f} s of wall")
    return metrics


def _sketch(model: GenerativeModel, data: Development) -> dict[str, float]:
    images = sample(model.generator, _SKETCH, _JUDGE_SEED)
    return _measures(data)(images)


def judge(given: Namespace, file: Path, data: Development) -> None:
    """Judge a trained generator by fresh images, and by what rejection costs."""
    found: Result = read(file) or {}
    architecture = architecture_of(given.generator, data)
    model = begin(architecture, GenerativeRecipe.model_validate(found["recipe"]))
    model.load_state_dict(torch.load(_weights(file), weights_only=True))
    measures = _measures(data, given.images)
    began = time.process_time()
    images = sample(model.generator, given.images, _JUDGE_SEED + 1)
    seconds = (time.process_time() - began) / given.images
    found["judged"] = {
        "images": given.images,
        "seconds_an_image": seconds,
        "parameters": sum(one.numel() for one in model.generator.parameters()),
        **measures(images),
        **_rejection(model, measures),
    }
    found["architecture"] = architecture.model_dump()
    write(file, found | {"machine": {**hardware.facts(), "threads": torch.get_num_threads()}})
    _picture(images, file)
    print(given.generator, found["judged"], flush=True)


def _measures(data: Development, searched: int = _SKETCH) -> MicrostructureMeasures:
    train = data.train.pixels
    return MicrostructureMeasures(train, learn(train[:_LEARNED]), searched)


def _rejection(model: GenerativeModel, measures: MicrostructureMeasures) -> dict[str, float]:
    """Images and CPU time that each valid one costs."""
    began = time.process_time()
    try:
        accepted = sample_valid(model.generator, _ACCEPTED, _JUDGE_SEED + 2, measures.rule, 2000)
    except StageError as error:
        print(error)
        return {}
    seconds = (time.process_time() - began) / _ACCEPTED
    share = measures(accepted.images)["valid"]
    return {
        "accepted": _ACCEPTED,
        "tried": accepted.tried,
        "seconds_an_accepted_image": seconds,
        "accepted_valid": share,
    }


def _picture(images: Tensor, file: Path) -> None:
    """The first 32 images, beside the weights."""
    from PIL import Image

    grey = ((images[:32, 0] + 1) * 127.5).round().clamp(0, 255).byte().numpy()
    rows = grey.reshape(4, 8, *grey.shape[1:]).transpose(0, 2, 1, 3)
    picture = rows.reshape(4 * grey.shape[1], 8 * grey.shape[2])
    Image.fromarray(picture).save(_weights(file).with_suffix(".png"))


def _weights(file: Path) -> Path:
    return Home.find().folder / "microstructures" / f"{file.stem}.pt"
