"""GANs of simulated tomographs: plain, clipped and with a gradient penalty."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.studies.gan_mnist import DCGAN, wasserstein
from benchmarks.studies.generative import LIKENESS, Case, rows
from benchmarks.studies.study import Metric, Study, Table
from secateur.spec import MicrostructuresData

_SECONDS = 90.0
DATA = MicrostructuresData(images=8000, test=0.3)

_CLAIMS = {
    "non-saturating, Adam 2e-4": "DCGAN: collapsed",
    "penalty 10, Adam 1e-4": "convincing at epoch 100, 50 minutes on a GPU, no collapse seen",
}


def _cases() -> dict[str, Case]:
    base = replace(DCGAN, data=DATA).but(width=16, critic_width=16)
    return {
        name: replace(case, claim=_CLAIMS.get(name, ""))
        for name, case in wasserstein(base, _SECONDS).items()
    }


GAN_MICROSTRUCTURES = Study(
    "gan-microstructures",
    "GANs on microstructures",
    "8,000 simulated tomographs of discs, 64x64; DCGANs of width 16, batches of 64, "
    f"{_SECONDS:g} CPU seconds each on one thread. The source worked on tomographs that cannot be "
    "shared, and prints pictures and no figures: *Published* is what it says in words, of 50 "
    "minutes on an RTX 3060, far more than is spent here. *Distance* is the Fréchet "
    "distance of 2,000 generated and 2,000 test images on 64 features of a classifier of "
    "distortions; [judging](../judging.md) says what it, coverage and the other columns mean.",
    (
        Table(
            "wasserstein",
            "DCGAN, WGAN with clipping, WGAN with gradient penalty",
            (
                *LIKENESS,
                Metric("volume_fraction_distance", "Volume fraction apart, %", 100, 1),
                Metric("unexplained", "Area without circle, %", 100, 1),
                Metric("valid", "Valid, %", 100, 1),
                Metric("steps", "Generator's steps", 1, 0),
            ),
            rows(_cases()),
        ),
    ),
)
