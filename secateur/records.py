"""The frozen results that stages exchange, readable without torch.

Each record is a pydantic model: immutable, validated when built, and stored as JSON
between stages.  Widths always list one integer a prunable group, in the order of the
network's dependency graph.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Scalar = bool | int | float | str
Augmentation = Literal["shift", "mirror"]


def _listed(value: Any) -> Any:
    """Augmentations as a list; before they had names they were a yes, to shifts, or a no."""
    if isinstance(value, bool):
        return ("shift",) if value else ()
    return (value,) if isinstance(value, str) else value


def _once_each(value: tuple[Augmentation, ...]) -> tuple[Augmentation, ...]:
    if len(set(value)) < len(value):
        raise ValueError(f"names out of {', '.join(get_args(Augmentation))}, each once")
    return value


Augmentations = Annotated[
    tuple[Augmentation, ...], BeforeValidator(_listed), AfterValidator(_once_each)
]


class Record(BaseModel):
    """Base of all records: frozen, unknown fields refused, JSON in and out."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Parse what ``model_dump_json`` wrote."""
        return cls.model_validate_json(text)


class Architecture(Record):
    """What builds a dense network: a zoo name and its arguments.

    Attributes:
        name: name in the zoo, e.g. ``resnet``.
        arguments: keyword arguments of the zoo's builder.
        input_shape: (channels, height, width) of one image.
        classes: number of outputs.
    """

    name: str
    arguments: dict[str, Scalar] = {}
    input_shape: tuple[int, int, int]
    classes: int = Field(ge=2)


class Recipe(Record):
    """How a network is trained.

    Attributes:
        optimizer: name in ``secateur.training.optimizers``.
        learning_rate: peak rate of a one-cycle cosine schedule.
        weight_decay: L2 coefficient.
        batch_size: images a step.
        epochs: passes over the training split.
        label_smoothing: share of the target mass spread over all classes, in [0, 1).
        augment: random changes to training images, in order, by their names in
            ``secateur.training.augment``; true stands for ``shift`` alone.
        seed: seed of initial weights, order and augmentation.
    """

    optimizer: str = "adam"
    learning_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.0, ge=0)
    batch_size: int = Field(default=64, ge=1)
    epochs: int = Field(default=10, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    augment: Augmentations = ()
    seed: int = 0


class EpochMetrics(Record):
    """One epoch of training; epochs count from 1, accuracies lie in [0, 1]."""

    epoch: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float


class Cost(Record):
    """What a network costs, by counting.

    Attributes:
        flops: for one image; 2·Ci·Co·K·O a convolution, 2·I·O a dense layer.
        parameters: number of learned values.
    """

    flops: int
    parameters: int


class Figures(Record):
    """What a network was measured to do.

    Attributes:
        accuracy: share of the test split answered rightly, in [0, 1].
        flops: for one image.
        parameters: number of learned values.
        size_bytes: size of the served ONNX file.
        latency_ms: median time of one image through ONNX Runtime on one thread.
    """

    accuracy: float
    flops: int
    parameters: int
    size_bytes: int
    latency_ms: float


class TrialRecord(Record):
    """One trial of a search.

    Attributes:
        number: position in the search, from 0.
        architecture: the network that was trained.
        recipe: how it was trained.
        accuracy: best validation accuracy, absent where the trial failed.
        epochs: epochs that were run.
        status: ``finished`` ran its full budget; ``stopped`` was ended early by the
            scheduler; ``failed`` raised or returned a value that is not finite.
    """

    number: int
    architecture: Architecture
    recipe: Recipe
    accuracy: float | None
    epochs: int
    status: Literal["finished", "stopped", "failed"]


class SearchResult(Record):
    """All trials of a search and the artifact of the best finished one."""

    trials: tuple[TrialRecord, ...]
    best: TrialRecord
    artifact: str

    def count(self, status: str) -> int:
        """Trials that ended with ``status``."""
        return sum(trial.status == status for trial in self.trials)


class Episode(Record):
    """One pruning episode: what was tried and what it earned.

    Attributes:
        number: position in the agent's run, from 0.
        widths: channels kept a group.
        reward: accuracy on the reward split after the correction, in [0, 1].
        flops: FLOPs left, for one image.
        noise: standard deviation of the exploration noise, infinite-like when uniform, 0 for
            agents that add none.
        seed: of the agent, where several play for one target.
    """

    number: int
    widths: tuple[int, ...]
    reward: float
    flops: int
    noise: float = 0.0
    seed: int = 0


class PruningResult(Record):
    """What an agent found for one FLOPs target.

    Attributes:
        target: share of FLOPs to cut, in (0, 1).
        agent: kind of agent.
        widths: channels kept a group by the chosen policy.
        accuracy: of the chosen policy on the whole validation split, before fine-tuning.
        dense_flops: FLOPs of the network that was pruned.
        flops: FLOPs of the chosen policy.
        groups: names of the groups, in the order of ``widths``.
        dense_widths: channels of the dense network a group.
        episodes: every episode.
        start: weights that the policy is cut from, relative to the agents' folder; absent
            where they are the dense network's.
        seed: of the agent that found the chosen policy.
        front: the episodes that no other beats in both reward and FLOPs, fewest FLOPs first.
    """

    target: float
    agent: str
    widths: tuple[int, ...]
    accuracy: float
    dense_flops: int
    flops: int
    groups: tuple[str, ...]
    dense_widths: tuple[int, ...]
    episodes: tuple[Episode, ...]
    start: str | None = None
    seed: int = 0
    front: tuple[Episode, ...] = ()

    @property
    def flops_cut(self) -> float:
        """Share of FLOPs removed, in [0, 1)."""
        return 1 - self.flops / self.dense_flops


class FinetuneResult(Record):
    """A pruned network after recovery.

    Attributes:
        target: the FLOPs target it was pruned for.
        artifact: folder of the fine-tuned model, relative to the job's.
        accuracy: on the validation split, after fine-tuning.
        epochs: every epoch of fine-tuning.
    """

    target: float
    artifact: str
    accuracy: float
    epochs: tuple[EpochMetrics, ...]


class EvaluatedModel(Record):
    """A model and its figures on the test split; ``target`` 0 is the dense parent."""

    target: float
    artifact: str
    validation_accuracy: float
    figures: Figures


class Evaluation(Record):
    """Dense against compressed, on a test split that nothing before has seen.

    Attributes:
        dense: the parent.
        compressed: one a target, in the order of the targets.
        chosen: index into ``compressed``, picked on the validation split alone.
    """

    dense: EvaluatedModel
    compressed: tuple[EvaluatedModel, ...]
    chosen: int

    @property
    def champion(self) -> EvaluatedModel:
        """The compressed model that is up for publication."""
        return self.compressed[self.chosen]


class Publication(Record):
    """The outcome of the publication gate.

    Attributes:
        name: name in the model registry.
        version: registered version, absent where the gate refused.
        failures: one line a figure that missed its bound.
    """

    name: str
    version: str | None
    failures: tuple[str, ...] = ()
