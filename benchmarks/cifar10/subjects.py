"""The networks of the headline table: what is pruned, how far, and what is in print about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from secateur.records import Architecture


@dataclass(frozen=True)
class Published:
    """A row of the literature; figures as printed, ``None`` where nothing is.

    Attributes:
        source: who.
        accuracy: after pruning, in %.
        change: of the accuracy against the dense network, in points.
        flops: share that was cut, in %.
        parameters: share that was cut, in %.
        note: what keeps it from being compared.
    """

    source: str
    accuracy: float
    change: float | None
    flops: float
    parameters: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Subject:
    """A network to prune.

    Attributes:
        title: as the table calls it.
        family: in the zoo.
        target: share of FLOPs to cut.
        learning_rate: greatest of the dense training.
        round_to: channel counts are multiples of this; less where groups are narrow.
        asked: the least change of accuracy against the dense network that is aimed at, in
            points; none where none is.
        reached: accuracy in % that dense networks of the field reach on the originals, where the
            comparison asks for it.
        arguments: of the family.
        published: rows to stand beside.
        parameters: share of parameters to cut besides; as many as follow where absent.
    """

    title: str
    family: str
    target: float
    learning_rate: float
    round_to: int
    asked: float | None
    reached: float | None
    arguments: dict[str, int | float | str] = field(default_factory=dict)
    published: tuple[Published, ...] = ()
    parameters: float | None = None

    def architecture(self, input_shape: tuple[int, int, int], classes: int) -> Architecture:
        """For images of this shape."""
        return Architecture(
            name=self.family,
            arguments=dict(self.arguments),
            input_shape=input_shape,
            classes=classes,
        )


_VGG19 = (
    Published("Reinforcement-learning pruning", 90.6, -3.11, 91.6, 90.2),
    Published("CCPrune, as quoted there", 93.78, None, 48.92, 86.82),
    Published("ABCPruner, as quoted there", 93.08, None, 73.68, 88.68, "its VGG-16"),
    Published("DECORE", 91.68, -2.3, 88.3, None, "VGG-16"),
    Published("CORING", 93.83, None, 78.6, None, "VGG-16"),
)
_RESNET56 = (
    Published("DepGraph", 93.64, 0.1, 61.1),
    Published("AMC", 91.9, -0.9, 50.0),
)

SUBJECTS = {
    "vgg19": Subject(
        "VGG-19, compact head",
        "vgg",
        target=0.916,
        learning_rate=0.1,
        round_to=8,
        asked=-1.0,
        reached=94.0,
        arguments={"depth": 19, "head": "compact"},
        published=_VGG19,
    ),
    "vgg19-classic": Subject(
        "VGG-19, 4096-4096 head",
        "vgg",
        target=0.916,
        learning_rate=0.05,
        round_to=8,
        asked=-1.0,
        reached=94.0,
        arguments={"depth": 19, "head": "classic"},
        published=_VGG19,
    ),
    "resnet34": Subject(
        "ResNet-34",
        "resnet-imagenet",
        target=0.581,
        learning_rate=0.1,
        round_to=8,
        asked=0.0,
        reached=95.0,
        arguments={"depth": 34, "stem": "small"},
        parameters=0.676,
        published=(
            Published("Reinforcement-learning pruning", 86.21, -5.24, 58.09, 67.63),
            Published("CCPrune, as quoted there", 90.76, None, 57.55, 34.78),
            Published("ABCPruner, as quoted there", 89.69, None, 58.97, 51.76, "ImageNet, top-5"),
        ),
    ),
    "resnet56": Subject(
        "ResNet-56",
        "resnet",
        target=0.611,
        learning_rate=0.1,
        round_to=4,
        asked=0.1,
        reached=93.5,
        arguments={"depth": 9, "width": 16},
        published=_RESNET56,
    ),
    "resnet20": Subject(
        "ResNet-20",
        "resnet",
        target=0.611,
        learning_rate=0.1,
        round_to=4,
        asked=None,
        reached=None,
        arguments={"depth": 3, "width": 16},
    ),
}
"""By the names of the command line; a target of 61.1 % leaves 1 / 2.57 of the FLOPs."""
