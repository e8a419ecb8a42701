from __future__ import annotations

import pytest
import torch
from torch import nn

from agents.candidates import Candidates
from agents.judge import Judge
from secateur.compression import importance
from secateur.compression.correction import Recalibration, untouched
from secateur.compression.execution import Execution
from secateur.compression.plan import SurgeryPlan
from secateur.errors import NonFiniteRewardError


@pytest.fixture
def candidates(network: nn.Module) -> Candidates:
    """Of a network that gives both of its answers about as often."""
    plan = SurgeryPlan.of(network, (1, 6, 6))
    calibration = torch.randn(64, 1, 6, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        network[-1].bias -= network(calibration).mean(0)
    return Candidates(network, plan, importance.l1(network, plan), Recalibration(calibration))


def images_and_labels(
    candidates: Candidates, widths: tuple[int, ...], wrong: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """300 images of which ``widths`` get all right but the first ``wrong``."""
    images = torch.randn(300, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        answers = candidates.cut(widths).eval()(images).argmax(dim=1)
    return images, torch.where(torch.arange(300) < wrong, 1 - answers, answers)


def test_the_reward_is_the_share_of_right_answers(candidates: Candidates) -> None:
    judge = Judge(candidates, *images_and_labels(candidates, (4, 2), wrong=75))
    assert judge((4, 2)) == judge.accuracy((4, 2)) == 0.75


def test_widths_seen_before_are_not_measured_again(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(candidates, torch.zeros(4, 1, 6, 6), torch.zeros(4, dtype=torch.int64))
    first = judge((4, 2))
    monkeypatch.setattr(Candidates, "cut", lambda *_: pytest.fail("measured again"))
    assert judge((4, 2)) == first


def test_the_worth_is_asked_for_accuracy_and_widths(candidates: Candidates) -> None:
    images, labels = images_and_labels(candidates, (4, 2), wrong=75)
    judge = Judge(candidates, images, labels, lambda accuracy, widths: accuracy * sum(widths))
    assert judge((4, 2)) == 0.75 * 6


def test_answers_that_are_not_finite_are_an_error(candidates: Candidates) -> None:
    images = torch.full((4, 1, 6, 6), float("inf"))
    judge = Judge(candidates, images, torch.zeros(4, dtype=torch.int64))
    with pytest.raises(NonFiniteRewardError, match=r"\[4, 2\].*not finite"):
        judge((4, 2))


def counted(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[int, ...], int]:
    """Batches that were run, by widths."""
    runs: dict[tuple[int, ...], int] = {}
    whole = Judge.tallies

    def tallies(self, widths):
        for tally in whole(self, widths):
            runs[widths] = runs.get(widths, 0) + 1
            yield tally

    monkeypatch.setattr(Judge, "tallies", tallies)
    return runs


def test_what_cannot_win_any_more_is_given_up(
    candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = images_and_labels(candidates, (8, 4), wrong=0)
    # The other network gets some of the first 100 wrong, so that it cannot reach 300 of 300.
    judge = Judge(candidates, images, labels, execution=Execution(batch=100))
    assert judge.accuracy((2, 1)) < 1
    judge = Judge(candidates, images, labels, execution=Execution(batch=100))
    runs = counted(monkeypatch)
    assert judge.best([(8, 4), (2, 1)]) == (8, 4)
    assert runs == {(8, 4): 3, (2, 1): 1}


@pytest.mark.parametrize("batch", [7, 50, 300])
def test_giving_up_changes_no_choice(candidates: Candidates, batch: int) -> None:
    policies = [(a, b) for a in (1, 2, 3, 5, 8) for b in (1, 2, 4)]
    generator = torch.Generator().manual_seed(3)
    images = torch.randn(150, 1, 6, 6, generator=generator)
    for _ in range(5):
        labels = torch.randint(2, (150,), generator=generator)
        full = Judge(candidates, images, labels, execution=Execution(batch=batch))
        brief = Judge(candidates, images, labels, execution=Execution(batch=batch))
        assert brief.best(policies) == max(policies, key=full)


def test_with_a_reward_of_widths_too(candidates: Candidates) -> None:
    images, labels = images_and_labels(candidates, (8, 4), wrong=30)

    def worth(accuracy: float, widths: tuple[int, ...]) -> float:
        return accuracy - 0.2 * sum(widths)

    policies = [(8, 4), (2, 1), (4, 2), (1, 1)]
    full = Judge(candidates, images, labels, worth)
    brief = Judge(candidates, images, labels, worth, Execution(batch=50))
    assert brief.best(policies) == max(policies, key=full) != (8, 4)


def test_every_way_of_running_gives_the_same_rewards(candidates: Candidates) -> None:
    images, labels = images_and_labels(candidates, (8, 4), wrong=100)
    exact = Judge(candidates, images, labels)
    other = Judge(candidates, images, labels, execution=Execution(channels_last=True, batch=64))
    coarse = Judge(candidates, images, labels, execution=Execution(bfloat16=True))
    for widths in [(8, 4), (4, 2), (2, 3)]:
        # Statistics are averages over batches, so batches of 64 of 64 images change nothing.
        assert other(widths) == pytest.approx(exact(widths), abs=1 / 300)
        assert coarse(widths) == pytest.approx(exact(widths), abs=0.02)


def test_cutting_leaves_the_dense_network_alone(candidates: Candidates) -> None:
    before = {name: value.clone() for name, value in candidates.network.state_dict().items()}
    cut = candidates.cut((3, 2), Execution(channels_last=True, bfloat16=True))
    assert sum(parameter.numel() for parameter in cut.parameters()) < 200
    for name, value in candidates.network.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_statistics_are_taken_anew(candidates: Candidates) -> None:
    norm = candidates.cut((8, 4))[1]
    assert isinstance(candidates.correction, Recalibration)
    with torch.inference_mode():
        mapped = candidates.network[0](candidates.correction.images)
    torch.testing.assert_close(norm.running_mean, mapped.mean((0, 2, 3)), rtol=0, atol=1e-6)


def test_without_a_correction_they_are_those_of_the_dense_network(network: nn.Module) -> None:
    plan = SurgeryPlan.of(network, (1, 6, 6))
    plain = Candidates(network, plan, importance.l1(network, plan), untouched)
    assert torch.equal(plain.cut((8, 4))[1].running_var, network[1].running_var)


def test_what_is_cut_can_be_trained(candidates: Candidates) -> None:
    cut = candidates.cut((3, 2))
    cut(torch.zeros(2, 1, 6, 6)).sum().backward()
    assert all(parameter.grad is not None for parameter in cut.parameters())
