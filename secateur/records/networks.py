"""A network, how it is trained, what it costs and what it was measured to do."""

from __future__ import annotations

from pydantic import Field

from secateur.records.base import Augmentations, Precision, Record, Scalar, score_name


class Architecture(Record):
    """What builds a dense network: a zoo name and its arguments.

    Attributes:
        name: name in the zoo, e.g. ``resnet``.
        arguments: keyword arguments of the zoo's builder.
        input_shape: (channels, height, width) of one image.
        classes: number of outputs: one a class, or 1 for the value of a regression.
    """

    name: str
    arguments: dict[str, Scalar] = {}
    input_shape: tuple[int, int, int]
    classes: int = Field(ge=1)


class Recipe(Record):
    """How a network is trained.

    Attributes:
        optimizer: name in ``secateur.training.optimizers``.
        learning_rate: greatest rate of the schedule.
        schedule: of the learning rate, a name in ``secateur.training.schedules``.
        loss: that training minimises, a name of the task's losses; ``auto`` is the task's own.
        weight_decay: L2 coefficient.
        batch_size: images a step.
        epochs: passes over the training split.
        label_smoothing: share of the target mass spread over all classes, in [0, 1).
        augment: random changes to training images, in order, by their names in
            ``secateur.training.augment``; true stands for ``shift`` alone.
        patience: epochs without a better validation score after which training ends with
            the weights of its best epoch; 0 trains to the end and keeps the last.
        precision: of training: ``float32``, ``bfloat16`` for what multiplies matrices, or
            the faster of the two on this machine, see ``secateur.training.machine``.
        seed: seed of initial weights, order and augmentation.
    """

    optimizer: str = "adam"
    learning_rate: float = Field(default=1e-3, gt=0)
    schedule: str = "one-cycle"
    loss: str = "auto"
    weight_decay: float = Field(default=0.0, ge=0)
    batch_size: int = Field(default=64, ge=1)
    epochs: int = Field(default=10, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    augment: Augmentations = ()
    patience: int = Field(default=0, ge=0)
    precision: Precision = "auto"
    seed: int = 0


class EpochMetrics(Record):
    """One epoch of training.

    Attributes:
        epoch: from 1.
        train_loss: mean of what was minimised.
        validation_loss: of the network as it is handed out, by the task's own loss.
        validation_accuracy: its score: the accuracy, in [0, 1]; R² of a regression, up to 1.
        last: whether training has ended with this epoch.
        kept: epoch whose weights, and validation figures, these are, where training has
            ended and an earlier one was the best.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    last: bool = False
    kept: int | None = None


class Cost(Record):
    """What a network costs, by counting.

    Attributes:
        flops: for one image; 2·Ci·Co·K·O a convolution, 2·Ci·Co·K·I a
            transposed one, 2·I·O a dense layer.
        parameters: number of learned values.
    """

    flops: int
    parameters: int


class ServedCost(Cost):
    """What a saved network costs who serves it; FLOPs and latency are for one image.

    Attributes:
        size_bytes: size of the served ONNX file.
        latency_ms: median time of one image through ONNX Runtime on one thread.
    """

    size_bytes: int
    latency_ms: float


class Figures(ServedCost):
    """What a network was measured to do.

    Attributes:
        accuracy: share of the test split answered rightly, in [0, 1]; of a regression R²,
            the share of the variance that is explained, up to 1.
        mse: mean squared error of a regression, in the square of the values' unit.
        mae: mean absolute error of a regression, in the values' unit.
    """

    accuracy: float
    mse: float | None = None
    mae: float | None = None

    @property
    def score_name(self) -> str:
        """What the task calls the accuracy."""
        return score_name("classification" if self.mse is None else "regression")
