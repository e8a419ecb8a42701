"""A generative network: how it is trained, how it went, and how its images were judged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from secateur.records.base import Precision, Record
from secateur.records.networks import Architecture

AdversarialLoss = Literal["auto", "minimax", "non-saturating", "least-squares", "wasserstein"]
Constraint = Literal["none", "clipping", "gradient-penalty", "spectral-norm"]


class GenerativeRecipe(Record):
    """How a generative network is trained; each family reads the fields that concern it.

    Attributes:
        optimizer: of all networks, a name in ``secateur.training.optimizers``.
        learning_rate: of the generator, or of the whole network where there is no critic.
        critic_rate: learning rate of the critic; the generator's where absent.
        schedule: of the learning rates, a name in ``secateur.training.schedules``, over
            ``steps`` or ``seconds``, whichever is nearer its end.
        momentum: first decay rate of Adam and AdamW (beta 1), or that of the optimizers
            ``momentum`` and ``nesterov``.
        loss: of critic and generator; ``auto`` is non-saturating (Goodfellow et al. 2014).
        constraint: on the critic. Clipping: Arjovsky et al. 2017; gradient penalty: Gulrajani
            et al. 2017, with ``penalty``; spectral norm: Miyato et al. 2018.
        penalty: weight of the gradient penalty.
        clip: largest magnitude of a clipped weight.
        critic_steps: steps of the critic for each of the generator.
        label_smoothing: what the target of real images lacks of 1 (Salimans et al. 2016);
            the Wasserstein loss has no targets and no smoothing.
        kl_weight: of the divergence from the prior, for variational families.
        ema: decay of the running average of the generator's weights, a step, which is what
            is judged and served; 0 keeps none.
        batch_size: images a step.
        steps: of the generator.
        interval: steps between two reports.
        seconds: CPU time of the training process after which it ends, where that comes first.
            How many steps are done by then depends on the machine: only without it does the
            same seed give the same weights.
        precision: as that of a ``Recipe``.
        seed: of initial weights, order and noise.
    """

    optimizer: str = "adam"
    learning_rate: float = Field(default=1e-3, gt=0)
    critic_rate: float | None = Field(default=None, gt=0)
    schedule: str = "cosine"
    momentum: float = Field(default=0.5, ge=0, lt=1)
    loss: AdversarialLoss = "auto"
    constraint: Constraint = "none"
    penalty: float = Field(default=10.0, gt=0)
    clip: float = Field(default=0.01, gt=0)
    critic_steps: int = Field(default=1, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=0.5)
    kl_weight: float = Field(default=1.0, ge=0)
    ema: float = Field(default=0.0, ge=0, lt=1)
    batch_size: int = Field(default=64, ge=2)
    steps: int = Field(default=2000, ge=1)
    interval: int = Field(default=200, ge=1)
    seconds: float | None = Field(default=None, gt=0)
    precision: Precision = "auto"
    seed: int = 0


class GenerativeMetrics(Record):
    """How a training stands, once an interval.

    Attributes:
        step: steps of the generator so far, from 1.
        losses: means over the interval, by name: ``generator`` and ``critic``, or
            ``reconstruction`` and ``divergence``, or ``denoising``.
        seconds: CPU time spent on training so far.
        last: whether training has ended with this interval.
    """

    step: int
    losses: dict[str, float]
    seconds: float
    last: bool = False


class Likeness(Record):
    """How like real images generated ones are; every measure is on features of ``judge``.

    None of these is an Inception FID: the features are those of a classifier that the project
    trained on the same data, and values compare only where the judge is the same.

    Attributes:
        judge: name and digest of the features.
        images: generated images that were judged.
        real: real images that they were compared with.
        distance: Fréchet distance of the features, 0 at best.
        kernel_distance: unbiased squared maximum mean discrepancy under the cubic kernel
            (Binkowski et al. 2018), about 0 at best.
        coverage: share of real images with a generated one in their neighbourhood (Naeem et
            al. 2020), in [0, 1], 1 at best.
        collapsed: whether the images lack the variety of real ones.
        collapse: what says so, in one line; empty where nothing does.
        classes: share of images by class, as the classifier names them, in the order of the
            labels; empty where the data has none.
        figures: further measures of this kind of data, by name.
    """

    judge: str
    images: int
    distance: float
    kernel_distance: float
    coverage: float
    collapsed: bool
    classes: tuple[float, ...] = ()
    figures: dict[str, float] = {}
    real: int = 0
    collapse: str = ""


class GenerativeTrial(Record):
    """One trial of a search for a generator.

    Attributes:
        number: position in the search, from 0.
        architecture: the networks that were trained; its input shape is that of the images.
        recipe: how.
        likeness: of the images at the end, absent where the trial failed.
        steps: of the generator that were run.
        seconds: CPU time of the training alone.
        flops: of the generator, for one image.
        status: as that of a ``TrialRecord``.
    """

    number: int
    architecture: Architecture
    recipe: GenerativeRecipe
    likeness: Likeness | None
    steps: int
    seconds: float
    flops: int | None = None
    status: Literal["finished", "stopped", "failed"]
