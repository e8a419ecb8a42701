import math

import pytest
import torch
from torch import nn

from secateur.training.losses import CrossEntropy, Distillation


def test_cross_entropy_by_hand():
    # logits ln 3 and 0 are probabilities 3/4 and 1/4
    logits = torch.tensor([[math.log(3), 0.0], [math.log(3), 0.0]])
    loss = CrossEntropy()(logits, torch.empty(2), torch.tensor([0, 1]))
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(4)) / 2)


def test_label_smoothing_by_hand():
    # the target (1, 0) becomes (0.9, 0.1)
    logits = torch.tensor([[math.log(3), 0.0]])
    loss = CrossEntropy(0.2)(logits, torch.empty(1), torch.tensor([0]))
    assert loss.item() == pytest.approx(0.9 * math.log(4 / 3) + 0.1 * math.log(4))


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
    objective = Distillation(Fixed(1.0, 2.0), weight=0.0, temperature=4.0, label_smoothing=0.1)
    expected = CrossEntropy(0.1)(logits, torch.empty(4), labels)
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
