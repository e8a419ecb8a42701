from __future__ import annotations

from errno import ENOSPC
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from agents.ddpg import DDPG
from agents.ddpg_agent import SAVE_EVERY, _noise, episodes
from agents.problem import PruningProblem
from secateur.spec import DDPGSpec

SPEC = DDPGSpec(warmup=0.25, noise=0.5, noise_final=0.05)
BUDGET = 24


@pytest.fixture(autouse=True)
def on_ray(ray_session: None) -> None:
    """RLlib would start a Ray of its own where none runs."""


def first_group(widths: tuple[int, ...]) -> float:
    """Best for a wide first group; the target then leaves it at most 6 of 8 channels."""
    return widths[0] / 8


def test_a_run_is_numbered_and_keeps_to_the_target(problem: PruningProblem, tmp_path: Path) -> None:
    played = list(episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path))
    assert [episode.number for episode in played] == list(range(BUDGET))
    assert all(episode.flops <= problem.budget for episode in played)
    assert all(episode.reward == episode.widths[0] / 8 for episode in played)


def test_the_noise_follows_the_spec(problem: PruningProblem, tmp_path: Path) -> None:
    noise = [episode.noise for episode in episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path)]
    # A quarter of 24 episodes is uniform; over the other 18 noise falls from 0.5 to 0.05,
    # by a tenth in 18 steps: 0.1^(1/18) = 0.8799 a step.
    assert min(noise[:6]) >= 1000
    np.testing.assert_allclose(noise[6:9], [0.5, 0.5 * 0.8799, 0.5 * 0.8799**2], rtol=1e-3)


@pytest.mark.parametrize(
    ("budget", "expected"), [(1, (0, 0, 1)), (2, (1, 1, 0)), (3, (2, 1, 0)), (4, (2, 2, 0))]
)
def test_phases_of_the_noise_that_are_both_rounded_up_fill_the_budget(
    budget: int, expected: tuple[int, ...]
) -> None:
    """Both halves of 3 episodes would be 2: the second phase has what the first one leaves."""
    phases = _noise(SPEC.model_copy(update={"warmup": 0.5, "constant": 0.5}), budget)
    assert tuple(phases[f"{name}_episodes"] for name in ("warmup", "constant", "decay")) == expected


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    problem: PruningProblem, tmp_path: Path
) -> None:
    whole = list(episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path / "whole"))
    broken = episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path / "broken")
    assert list(islice(broken, SAVE_EVERY + 3)) == whole[: SAVE_EVERY + 3]
    broken.close()
    assert list(episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path / "broken")) == whole


def test_two_attempts_in_one_folder_do_each_other_no_harm(
    problem: PruningProblem, tmp_path: Path
) -> None:
    given_up = episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path)
    begun = list(islice(given_up, SAVE_EVERY + 3))
    second = episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path)
    assert list(islice(second, SAVE_EVERY)) == begun[:SAVE_EVERY]
    # Both come to the checkpoint of 20 episodes, and to that of 24.
    assert len(list(given_up)) == BUDGET - len(begun)
    played = [*begun[:SAVE_EVERY], *second]
    assert len(played) == BUDGET
    assert (
        list(episodes(SPEC, problem, first_group, BUDGET, 0, tmp_path))[:SAVE_EVERY]
        == played[:SAVE_EVERY]
    )
    assert not list(tmp_path.glob(".*"))


def test_a_checkpoint_that_cannot_be_written_leaves_nothing(
    problem: PruningProblem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: DDPG, path: str) -> None:
        Path(path).mkdir()
        Path(path, "half").touch()
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(DDPG, "save_to_path", full)
    with pytest.raises(OSError, match="No space left"):
        list(episodes(SPEC, problem, first_group, SAVE_EVERY, 0, tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_half_written_checkpoint_is_passed_over(problem: PruningProblem, tmp_path: Path) -> None:
    (tmp_path / "partial-1").mkdir()
    (tmp_path / "partial-1" / "episodes.json").write_text("[")
    played = list(episodes(SPEC, problem, first_group, 2, 0, tmp_path))
    assert len(played) == 2
