import pytest
import torch

from secateur import artifacts, manifest
from secateur.models import build
from secateur.records import Architecture, Recipe
from secateur.spec.teacher import TeacherSpec
from secateur.training import teacher
from secateur.training.evaluation import logits
from secateur.training.recovery import objective
from secateur.training.supervised import train

MLP = Architecture(
    name="mlp", arguments={"depth": 1, "width": 32}, input_shape=(1, 8, 8), classes=2
)


@pytest.fixture(scope="module")
def saved(bars, tmp_path_factory):
    """A trained network, saved as one of data with other statistics; a spec that names it."""
    folder, network = tmp_path_factory.mktemp("teacher"), build(MLP, seed=0)
    for _ in train(network, bars.development, Recipe(epochs=10, batch_size=5)):
        pass
    content = artifacts.describe(MLP, bars.development)
    artifacts.save(folder, network, content)
    return network, TeacherSpec(model=folder, distillation=1.0)


def test_a_teacher_sees_images_as_it_did_in_its_own_training(bars, saved):
    network, spec = saved
    expected = logits(network, bars.validation, bars.mean, bars.std)
    other = artifacts.describe(MLP, bars.development).model_copy(
        update={"mean": (0.25,), "std": (0.5,)}
    )
    before = manifest.read(spec.model)
    manifest.write(spec.model, other)
    loaded = teacher.load(spec, bars.development)
    manifest.write(spec.model, before)
    pixels = bars.validation.tensors()[0] / 255
    student_sees = (pixels - bars.mean[0]) / bars.std[0]
    with torch.inference_mode():
        found = loaded(student_sees)
        by_hand = network((pixels - 0.25) / 0.5)
    torch.testing.assert_close(found, by_hand, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(found, expected, atol=1e-2)


def test_students_learn_from_it_alone(bars, saved):
    _, spec = saved
    recipe = Recipe(epochs=15, batch_size=5, learning_rate=5e-3)
    taught = objective(bars.task, teacher.load(spec, bars.development), spec, recipe)
    student = build(MLP, seed=1)
    *_, last = train(student, bars.development, recipe, objective=taught)
    assert last.validation_accuracy == 1
