import math

import pytest
import torch
from torch import nn

from secateur.errors import LossError
from secateur.spaces import LOSSES
from secateur.training import class_losses, value_losses
from secateur.training.class_losses import cross_entropy
from secateur.training.losses import ClassObjective, Distillation, Imitation, ValueObjective

# Logits ln 3 and 0 are probabilities 3/4 and 1/4, and sigmoids 3/4 and 1/2.
LOGITS = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
LABELS = torch.tensor([0, 1])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cross-entropy", (math.log(4 / 3) + math.log(4)) / 2),
        ("nll", (math.log(4 / 3) + math.log(4)) / 2),
        # Label 0 asks for yes and no: -ln 3/4 - ln 1/2. Label 1: -ln 1/4 - ln 1/2.
        ("bce", (math.log(4 / 3) + math.log(4) + 2 * math.log(2)) / 4),
        # Off by 1/4 in both places, then by 3/4 in both.
        ("mse", (2 / 16 + 2 * 9 / 16) / 4),
        ("mae", (2 / 4 + 2 * 3 / 4) / 4),
        ("rmse", math.sqrt(20 / 64)),
    ],
)
def test_losses_of_classes_by_hand(name, expected):
    assert class_losses.LOSSES[name](LOGITS, LABELS, 0.0).item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # The target (1, 0) becomes (0.9, 0.1).
        ("cross-entropy", 0.9 * math.log(4 / 3) + 0.1 * math.log(4)),
        ("nll", 0.9 * math.log(4 / 3) + 0.1 * math.log(4)),
        # -0.9·ln 3/4 - 0.1·ln 1/4, and ln 2 whatever is asked of a sigmoid of 1/2
        ("bce", (0.9 * math.log(4 / 3) + 0.1 * math.log(4) + math.log(2)) / 2),
        ("mse", 0.15**2),
        ("mae", 0.15),
        ("rmse", 0.15),
    ],
)
def test_label_smoothing_by_hand(name, expected):
    loss = class_losses.LOSSES[name](LOGITS[:1], LABELS[:1], 0.2)
    assert loss.item() == pytest.approx(expected)


def test_nll_of_what_is_no_log_probability_says_what_to_do():
    right = LOGITS.log_softmax(dim=1)
    assert class_losses.nll(right, LABELS).item() == pytest.approx(
        cross_entropy(LOGITS, LABELS).item()
    )
    # ln(3 + 1) is 1.39.
    with pytest.raises(LossError, match=r"up to 1\.39 off 0; expected a log-softmax"):
        class_losses.nll(LOGITS, LABELS)
    with pytest.raises(LossError, match="nan"):
        class_losses.nll(LOGITS * math.nan, LABELS)


@pytest.mark.parametrize(
    # Off by 1 and by -3.
    ("name", "expected"), [("mse", 5), ("mae", 2), ("rmse", math.sqrt(5))],
)  # fmt: skip
def test_losses_of_values_by_hand(name, expected):
    answers, values = torch.tensor([3.0, 4.0]), torch.tensor([2.0, 7.0])
    assert value_losses.LOSSES[name](answers, values).item() == pytest.approx(expected)
    # An output of 1 stands for 10: the same errors in tenths.
    scaled = ValueObjective(value_losses.LOSSES[name], scale=10.0)
    loss = scaled(answers[:, None] / 10, torch.empty(2), values)
    assert loss.item() == pytest.approx(expected / (100 if name == "mse" else 10))


def test_a_root_of_nothing_has_a_gradient():
    answers = torch.ones(3, requires_grad=True)
    value_losses.rmse(answers, torch.ones(3)).backward()
    assert answers.grad.tolist() == [0, 0, 0]


def test_specs_name_every_loss_and_no_other():
    assert LOSSES["classification"][1:] == tuple(class_losses.LOSSES)
    assert LOSSES["regression"][1:] == tuple(value_losses.LOSSES)


class Fixed(nn.Module):
    """Answers every image with the same logits."""

    def __init__(self, *logits):
        super().__init__()
        self.logits = nn.Parameter(torch.tensor(logits))

    def forward(self, images):
        return self.logits.expand(len(images), -1)


def test_distillation_by_hand():
    # At T = 2 the teacher's logits 2·ln 3, 0 are (3/4, 1/4), the student's 0, 0 are
    # (1/2, 1/2): KL = 3/4·ln(3/2) + 1/4·ln(1/2) = 0.304099 - 0.173287 = 0.130812.
    # The hard loss is ln 2. With w = 0.3: 0.7·0.693147 + 0.3·4·0.130812 = 0.642177.
    objective = Distillation(Fixed(2 * math.log(3), 0.0), weight=0.3, temperature=2.0)
    loss = objective(torch.zeros(5, 2), torch.zeros(5, 1), torch.zeros(5, dtype=torch.long))
    assert loss.item() == pytest.approx(0.642177, abs=1e-6)


def test_distillation_of_weight_zero_is_cross_entropy():
    logits, labels = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    hard = ClassObjective(cross_entropy, 0.1)
    objective = Distillation(Fixed(1.0, 2.0), weight=0.0, temperature=4.0, hard=hard)
    expected = hard(logits, torch.empty(4), labels)
    assert objective(logits, torch.zeros(4, 1), labels).item() == pytest.approx(expected.item())


def test_distillation_is_least_where_student_and_teacher_agree():
    logits = torch.tensor([[1.0, 2.0]], requires_grad=True)
    objective = Distillation(Fixed(1.0, 2.0), weight=1.0, temperature=3.0)
    loss = objective(logits, torch.zeros(1, 1), torch.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-7)
    assert logits.grad.abs().max().item() == pytest.approx(0, abs=1e-7)


def test_the_teacher_is_in_evaluation_mode_and_gets_no_gradient():
    teacher = Fixed(1.0, 2.0).train()
    objective = Distillation(teacher, weight=0.5, temperature=2.0)
    logits = torch.zeros(1, 2, requires_grad=True)
    objective(logits, torch.zeros(1, 1), torch.tensor([0])).backward()
    assert not teacher.training
    assert teacher.logits.grad is None
    assert logits.grad is not None


def test_imitation_by_hand():
    # A quarter of the way: the answer 1 is 2 off the value 3 and 1 off the teacher's 2.
    hard = ValueObjective(value_losses.mse)
    objective = Imitation(Fixed(2.0), weight=0.25, hard=hard)
    loss = objective(torch.ones(5, 1), torch.zeros(5, 1), torch.full((5,), 3.0))
    assert loss.item() == pytest.approx(0.75 * 4 + 0.25 * 1)
