"""How near a DCGAN of MNIST comes to real images in so much CPU time of one core.

    SECATEUR_DATA=... python -m benchmarks.generator_training --seed 0

One result file a seed. Distances on the way are those to validation images, the last is that to
the test split; the distance of real training images to the same stands beside them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch

from benchmarks import hardware
from benchmarks.page import HERE, write
from search.home import Home
from secateur import data
from secateur.judging.features import features_for
from secateur.judging.judge import LikenessJudge, judge_of
from secateur.records import Architecture, GenerativeRecipe
from secateur.spec import MNISTData
from secateur.training.generative import begin, sample, to_signed, train

RESULTS = HERE / "results" / "generator_training"
ARCHITECTURE = Architecture(name="dcgan", input_shape=(1, 28, 28), classes=1)
RECIPE = GenerativeRecipe(
    learning_rate=2e-3,
    critic_rate=1e-3,
    batch_size=32,
    steps=20_000,
    interval=250,
    precision="bfloat16",
    schedule="constant",
    ema=0.998,
)
"""The generator is what lags behind the critic: a higher rate for it alone helps. An average of
its weights gives what a falling rate would, and the networks learn at the full rate to the end."""
_IMAGES_OF = 1  # seed of the noise that is judged


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=75.0, help="of CPU time")
    parser.add_argument("--home", type=Path, default=Home.find().folder / "generator_training")
    parser.add_argument("--results", type=Path, default=RESULTS)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    recipe = RECIPE.model_copy(update={"seed": asked.seed, "seconds": asked.seconds})
    write(asked.results / f"mnist-{asked.seed}.json", measure(ARCHITECTURE, recipe, asked.home))


def measure(architecture: Architecture, recipe: GenerativeRecipe, home: Path) -> dict[str, Any]:
    """Train once, and judge at every interval; what lies below ``home`` is the judge's."""
    facts, digits = hardware.facts(), data.load(MNISTData(), 0)
    judge = judge_of(digits.development, home)
    final = LikenessJudge(features_for(digits.development, home), digits.test.tensors()[0])
    pixels = digits.train.tensors()[0]
    model, rounds = begin(architecture, recipe), []
    for metrics in train(model, pixels, recipe):
        found = judge(sample(model.generator, judge.count, _IMAGES_OF))
        rounds.append(
            {
                "step": metrics.step,
                "seconds": round(metrics.seconds, 2),
                "distance": found.distance,
                "coverage": found.coverage,
            }
        )
    return {
        "architecture": architecture.model_dump(mode="json"),
        "recipe": recipe.model_dump(mode="json"),
        "rounds": rounds,
        "test": final(sample(model.generator, final.count, _IMAGES_OF)).model_dump(mode="json"),
        "real": final(to_signed(pixels[: final.count])).distance,
        "hardware": facts,
    }


if __name__ == "__main__":
    main()
