"""A saved network that others learn from."""

from __future__ import annotations

from torch import Tensor, nn

from secateur import artifacts
from secateur.data.dataset import Development
from secateur.errors import SpecError
from secateur.spec.teacher import TeacherSpec
from secateur.training.preprocess import Normalize

FIELD = "search.teacher.model"


class Teacher(nn.Module):
    """A network that takes images as its student does, whatever it was trained with itself.

    Args:
        network: takes images that are normalised as in its own training.
        given: normalisation of the images that come.
        own: normalisation that the network expects.
    """

    def __init__(self, network: nn.Module, given: Normalize, own: Normalize) -> None:
        super().__init__()
        self.network, self.given, self.own = network, given, own

    def forward(self, images: Tensor) -> Tensor:
        """Outputs of the network, for a batch of the student's images."""
        pixels = images * self.given.std + self.given.mean
        outputs: Tensor = self.network(self.own(pixels))
        return outputs


def load(spec: TeacherSpec, development: Development) -> Teacher:
    """The teacher that a spec names, in evaluation mode.

    Args:
        spec: names the folder of a saved model.
        development: what its students learn from.

    Raises:
        ArtifactError: there is no sound model.
        SpecError: it does something else: other images, classes or values.
    """
    network, content = artifacts.load(spec.model)
    shapes = (content.architecture.input_shape, development.input_shape)
    if shapes[0] != shapes[1]:
        raise SpecError(FIELD, str(spec.model), "a model of images of {}, not {}".format(
            *("x".join(map(str, shape)) for shape in reversed(shapes))
        ))  # fmt: skip
    if (content.task, content.labels) != (development.task.kind, development.labels):
        raise SpecError(FIELD, str(spec.model), "a model of the same task and the same classes")
    if content.scale != (development.scale or 1.0):
        raise SpecError(FIELD, str(spec.model), f"a model of values up to {development.scale:g}")
    given = Normalize(development.mean, development.std)
    return Teacher(network, given, Normalize(content.mean, content.std)).eval()
