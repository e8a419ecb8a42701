"""The job: everything that a user may ask for, and nothing that runs code.

``load`` reads a YAML file into a ``JobSpec`` or raises a ``SpecError`` that names the
field, the value and what would be right.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from secateur.errors import SpecError
from secateur.spaces import (
    Frozen,
    LeNetSpace,
    MLPSpace,
    NetworkSpace,
    RecipeSpace,
    ResNetSpace,
)
from secateur.validation import spec_error

Share = Annotated[float, Field(gt=0, lt=1)]


class _Splits(Frozen):
    """How images are divided, by seed and stratified by class.

    Attributes:
        validation: share of the training images kept for selection and rewards.
        limit: at most this many training images are used, to make a job small.
    """

    validation: Share = 0.2
    limit: int | None = Field(default=None, ge=20)


class DigitsData(_Splits):
    """scikit-learn's 1,797 scans of handwritten digits, 8x8; a fifth is the test split."""

    kind: Literal["digits"] = "digits"


class MNISTData(_Splits):
    """MNIST, 28x28, from ``SECATEUR_DATA`` or torchvision's download."""

    kind: Literal["mnist"] = "mnist"


class ImageFolderData(_Splits):
    """A folder of class folders, or of ``train`` and ``test`` with class folders each.

    Attributes:
        root: the folder.
        size: (height, width) to resize to; absent means all images share one size.
        grayscale: read images with one channel instead of three.
        test: share of the images kept for the test split where the folder has none.
    """

    kind: Literal["image-folder"] = "image-folder"
    root: Path
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] | None = None
    grayscale: bool = False
    test: Share = 0.2


DataSpec = Annotated[DigitsData | MNISTData | ImageFolderData, Field(discriminator="kind")]


class SearchSpec(Frozen):
    """Which networks and hyperparameters are tried, and how long.

    Attributes:
        networks: families to choose from; each brings its own dimensions.
        recipe: dimensions of training.
        trials: networks to train.
        epochs: epochs of a trial that is not stopped early.
        parallel: trials at once, each on one CPU.
        sampler: Optuna's sampler.
        scheduler: ``asha`` stops the weaker trials early, ``none`` none.
        augment: shift training images at random.
    """

    networks: tuple[NetworkSpace, ...] = (MLPSpace(), LeNetSpace(), ResNetSpace())
    recipe: RecipeSpace = RecipeSpace()
    trials: int = Field(default=16, ge=1)
    epochs: int = Field(default=12, ge=1)
    parallel: int = Field(default=2, ge=1)
    sampler: Literal["tpe", "random"] = "tpe"
    scheduler: Literal["asha", "none"] = "asha"
    augment: bool = False

    @field_validator("networks")
    @classmethod
    def _distinct(cls, networks: tuple[NetworkSpace, ...]) -> tuple[NetworkSpace, ...]:
        kinds = [space.kind for space in networks]
        if not kinds or len(set(kinds)) < len(kinds):
            raise ValueError("at least one family, each named once")
        return networks


class DDPGSpec(Frozen):
    """The DDPG agent (Lillicrap et al. 2016; He et al. 2018).

    Attributes:
        warmup: share of the episodes that act uniformly at random.
        constant: share of the episodes, after the warm-up, at constant noise; over those
            that are left it decays exponentially.
        noise: standard deviation of the truncated normal exploration noise.
        noise_final: the same at the last episode.
        actor_learning_rate: of the actor.
        critic_learning_rate: of the critic.
        updates: gradient steps for each step of an episode.
    """

    kind: Literal["ddpg"] = "ddpg"
    warmup: float = Field(default=0.25, ge=0, lt=1)
    constant: float = Field(default=0.0, ge=0, lt=1)
    noise: float = Field(default=0.5, gt=0, le=1000)
    noise_final: float = Field(default=0.05, gt=0)
    actor_learning_rate: float = Field(default=1e-4, gt=0)
    critic_learning_rate: float = Field(default=1e-3, gt=0)
    updates: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _decaying(self) -> Self:
        if self.noise_final > self.noise:
            raise ValueError(f"noise_final up to noise, which is {self.noise}")
        if self.warmup + self.constant > 1:
            raise ValueError("warmup and constant that leave at most all episodes: a sum up to 1")
        return self


class PruneSpec(Frozen):
    """How the winner is pruned.

    Attributes:
        targets: shares of FLOPs to cut, one agent each, at the same time.
        agent: who decides.
        episodes: candidates that an agent evaluates.
        a_max: largest share of a group's channels that may go, for convolutions.
        a_max_dense: the same for dense layers.
        round_to: channel counts are multiples of this where a group is wide enough.
        reward_images: validation images an evaluation uses.
        rerank: best policies that are compared again on the whole validation split.
    """

    targets: tuple[Share, ...] = (0.5, 0.75)
    agent: DDPGSpec = DDPGSpec()
    episodes: int = Field(default=60, ge=1)
    a_max: Share = 0.8
    a_max_dense: Share = 0.98
    round_to: int = Field(default=8, ge=1)
    reward_images: int = Field(default=1000, ge=1)
    rerank: int = Field(default=5, ge=1)

    @field_validator("targets")
    @classmethod
    def _ascending(cls, targets: tuple[float, ...]) -> tuple[float, ...]:
        if not targets or list(targets) != sorted(set(targets)):
            raise ValueError("at least one target, each once, in ascending order")
        return targets

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        # Two layers cut by a_max each keep (1 - a_max)² of the FLOPs between them: no
        # network can be cut further. The network itself is asked before an agent starts.
        reachable = 1 - (1 - max(self.a_max, self.a_max_dense)) ** 2
        if self.targets[-1] > reachable:
            raise ValueError(f"targets up to {reachable:.4g}, which is what a_max can cut")
        return self


class FinetuneSpec(Frozen):
    """How pruned networks recover.

    Attributes:
        epochs: passes over the training split.
        learning_rate_factor: share of the dense network's learning rate.
        distillation: weight of the dense network's softened answers in the loss, in [0, 1].
        temperature: of the softened answers.
    """

    epochs: int = Field(default=12, ge=1)
    learning_rate_factor: float = Field(default=0.3, gt=0, le=1)
    distillation: float = Field(default=0.5, ge=0, le=1)
    temperature: float = Field(default=4.0, gt=0)


class PublishSpec(Frozen):
    """The gate in front of the model registry, and the name behind it.

    Attributes:
        name: registered model; the job's name where absent.
        min_accuracy: least accuracy on the test split.
        max_accuracy_drop: most accuracy that may be lost against the dense parent.
        min_flops_cut: least share of FLOPs removed.
    """

    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    min_accuracy: float = Field(default=0.0, ge=0, le=1)
    max_accuracy_drop: float = Field(default=0.02, ge=0, le=1)
    min_flops_cut: float = Field(default=0.0, ge=0, lt=1)


class JobSpec(Frozen):
    """One job, from data to a published model.

    Attributes:
        name: names the job's folder, its runs and, by default, its model.
        seed: of splits, samplers, weights and agents.
        show: test images to classify over HTTP at the end; 0 starts no server.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    seed: int = Field(default=0, ge=0, lt=2**31)
    data: DataSpec
    search: SearchSpec = SearchSpec()
    prune: PruneSpec = PruneSpec()
    finetune: FinetuneSpec = FinetuneSpec()
    publish: PublishSpec = PublishSpec()
    show: int = Field(default=0, ge=0, le=100)

    @property
    def model_name(self) -> str:
        """Name of the registered model."""
        return self.publish.name or self.name

    @property
    def digest(self) -> str:
        """SHA-256 of the spec's content, in hexadecimal."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def load(path: Path) -> JobSpec:
    """Read and validate a job file.

    Raises:
        SpecError: the file is absent or no YAML, or a field is unknown, of a wrong type
            or out of range.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(str(path), error.strerror, "a readable YAML file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(str(path), str(error).splitlines()[0], "valid YAML") from None
    if not isinstance(content, dict):
        raise SpecError(str(path), content, "a mapping with at least 'name' and 'data'")
    return parse(content)


def parse(content: dict[str, Any]) -> JobSpec:
    """Validate a job given as a mapping; raises as ``load`` does."""
    try:
        return JobSpec.model_validate(content)
    except ValidationError as error:
        raise spec_error(JobSpec, error) from None
