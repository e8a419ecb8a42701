import numpy as np
import pytest
import torch

from secateur.errors import SpecError
from secateur.records import Figures
from secateur.spaces import LOSSES
from secateur.tasks import CLASSIFICATION, Generation, Regression

COSTS = {"flops": 1, "parameters": 1, "size_bytes": 1, "latency_ms": 1.0}
SPLITS = {
    # Outputs and targets of four inputs.
    "classification": (CLASSIFICATION, torch.eye(4)[:, :3], torch.tensor([0, 1, 2, 1])),
    "regression": (Regression(10.0), torch.tensor([[0.1], [0.2], [0.3], [0.6]]),
                   torch.tensor([1.0, 2.0, 3.0, 4.0])),
    "generation": (Generation(torch.linspace(-1, 1, 40).view(5, 2, 2, 2)),
                   torch.linspace(-1, 0.8, 32).view(4, 2, 2, 2).flip(1),
                   torch.tensor([3, 1, 0, 4])),
}  # fmt: skip


@pytest.fixture(params=SPLITS)
def split(request):
    return SPLITS[request.param]


def test_a_task_has_every_loss_that_a_spec_names(split):
    task, outputs, targets = split
    for name in LOSSES[task.kind]:
        loss = task.objective(name, 0.0)(outputs, torch.empty(4), targets)
        assert loss.shape == ()
        assert torch.isfinite(loss)
    own = task.objective("auto", 0.0)(outputs, torch.empty(4), targets)
    assert own.item() == pytest.approx(task.loss(outputs, targets).item())


def test_an_unknown_loss_is_answered_with_the_nearest(split):
    task, *_ = split
    with pytest.raises(SpecError, match="loss: 'msee' is not usable; expected 'mse'"):
        task.objective("msee", 0.0)


def test_the_mean_credit_is_the_score_of_the_served_graph(split):
    task, outputs, targets = split
    credit = task.credit(targets)
    whole = credit(outputs, targets).double()
    parts = [credit(outputs[part], targets[part]).double() for part in (slice(1), slice(1, 4))]
    assert torch.allclose(torch.cat(parts), whole)  # whatever the batches
    assert whole.max() <= 1
    served = task.head()(outputs).numpy()
    figures = task.figures(served, targets.numpy())
    assert figures["accuracy"] == pytest.approx(whole.mean().item())
    assert Figures.model_validate(figures | COSTS)


def test_imitation_of_a_perfect_teacher_that_weighs_all_costs_nothing(split):
    task, outputs, targets = split
    hard = task.objective("auto", 0.0)
    teacher = torch.nn.Identity()
    objective = task.imitation(teacher, 1.0, 4.0, hard)
    assert objective(outputs, outputs, targets).item() == pytest.approx(0, abs=1e-6)


def test_figures_of_a_regression_by_hand():
    task, outputs, targets = SPLITS["regression"]
    # Answers 1, 2, 3 and 6 for 1 to 4: one is off by 2. The values lie 1.5, 0.5, 0.5 and 1.5
    # from their mean: a variance of 1.25 against a mean square of 1.
    figures = task.figures(task.head()(outputs).numpy(), targets.numpy())
    assert figures == pytest.approx({"accuracy": 1 - 1 / 1.25, "mse": 1.0, "mae": 0.5})
    assert task.loss(outputs, targets).item() == pytest.approx(0.01)  # in units of 10²


def test_always_answering_the_mean_explains_nothing():
    values = np.array([1.0, 2.0, 6.0], np.float32)
    answers = np.full((3, 1), 3.0, np.float32)
    assert Regression().figures(answers, values)["accuracy"] == pytest.approx(0)


def test_a_split_of_one_value_has_a_score_all_the_same():
    values = torch.full((3,), 2.0)
    credit = Regression().credit(values)
    assert credit(values[:, None], values).tolist() == [1, 1, 1]
    assert (credit(values[:, None] + 1, values) < 0).all()


def test_agents_are_paid_for_accuracy_and_for_r2_above_0():
    assert CLASSIFICATION.reward(0.3) == 0.3
    assert Regression().reward(0.3) == 0.3
    assert Regression().reward(-2.0) == 0


def test_a_regression_has_no_labels_to_smooth():
    with pytest.raises(SpecError, match="label_smoothing"):
        Regression().objective("mse", 0.1)


# Three references of two pixels; the second one's never change, the first one's mean is 0.
REFERENCES = torch.tensor([[-0.5, 0.25], [0.0, 0.25], [0.5, 0.25]]).view(3, 1, 1, 2)


def test_closeness_by_hand():
    # The mean square around the mean image is (2/3 · 1/4 + 0) / 2 = 1/12. Of the images one is
    # off by 0.5 in one of its two pixels: a mean square of 1/8, which costs 1.5 of its credit.
    task, positions = Generation(REFERENCES), torch.tensor([2, 0, 1])
    images = REFERENCES[positions].clone()
    images[1, 0, 0, 1] += 0.5
    credit = task.credit(positions)(images, positions)
    assert credit.tolist() == pytest.approx([1, 1 - 1.5, 1])
    assert task.loss(images, positions).item() == pytest.approx(1 / 8 / 3)


def test_always_making_the_mean_image_is_worth_nothing():
    positions = torch.arange(3)
    images = REFERENCES.mean(dim=0, keepdim=True).expand(3, -1, -1, -1)
    credit = Generation(REFERENCES).credit(positions)
    assert credit(images, positions).mean().item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("score", "reward"), [(1.0, 1.0), (0.0, 0.5), (-1.0, 1 / 3), (-98.0, 0.01)]
)
def test_agents_are_paid_for_closeness_however_bad(score, reward):
    # An error of e = 1 - score is worth 1 / (1 + e).
    assert Generation(REFERENCES).reward(score) == pytest.approx(reward)


def test_pixels_stay_within_their_range_whatever_rounding_does():
    images = torch.tensor([[-1.0 - 1e-6, -1.0, 0.0, 1.0, 1.0 + 1e-6]])
    assert Generation(REFERENCES).head()(images).tolist() == [[0, 0, 0.5, 1, 1]]


def test_generators_have_no_labels_to_smooth():
    with pytest.raises(SpecError, match="label_smoothing"):
        Generation(REFERENCES).objective("mse", 0.1)
