"""Every picture of a job, of odd jobs too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from search.pictures.album import draw
from search.pictures.earned import Earned
from search.pictures.look import PAPER, WIDTH
from search.pictures.policies import policies
from search.pictures.rewards import rewards
from secateur.records import Episode, Evaluation, PruningResult, SearchResult
from secateur.spec import JobSpec
from secateur.spec.rewards import AccuracyReward, FlopsReward
from tests.search.pictures.conftest import Answering, Searching

DIGITS = tuple("0123456789")
SEARCH = ["learning-curves", "search", "search-costs"]
CUTS = ["dense-against-compressed", "score-against-cost"]
PLAYED = ["rewards", "front", "channels"]
TOLD = ["confusion", "worst-mistakes"]


def test_every_picture_is_drawn_in_its_order(
    space: JobSpec,
    searching: Searching,
    pruned: tuple[PruningResult, ...],
    evaluation: Evaluation,
    answering: Answering,
    tmp_path: Path,
) -> None:
    drawn = draw(space, searching(24), pruned, evaluation, tmp_path / "new", answering(DIGITS))
    dimensions = ["search-importance", "search-parallel"]
    names = [picture.file.stem for picture in drawn]
    assert names == [*CUTS, *TOLD, *PLAYED, *SEARCH, *dimensions]
    assert len({picture.title for picture in drawn}) == len(drawn)
    for picture in drawn:
        assert picture.says.endswith(".")
        with Image.open(picture.file) as image:
            assert image.width == round(160 * WIDTH)
            assert_a_sheet_of_its_own(image)


def assert_a_sheet_of_its_own(image: Image.Image) -> None:
    """Paper without holes, and a margin in which nothing is drawn, so that any page may be dark."""
    pixels = np.asarray(image.convert("RGBA"))
    assert (pixels[..., 3] == 255).all()
    paper = tuple(bytes.fromhex(PAPER[1:]))
    edges = (pixels[:8], pixels[-8:], pixels[:, :8].swapaxes(0, 1), pixels[:, -8:].swapaxes(0, 1))
    assert all((edge[..., :3] == paper).all() for edge in edges)
    assert (pixels[..., :3] != paper).any()


def test_a_job_that_is_not_done_has_the_pictures_of_what_is(
    space: JobSpec, searching: Searching, pruned: tuple[PruningResult, ...], tmp_path: Path
) -> None:
    assert names(draw(space, searching(4), (), None, tmp_path)) == SEARCH
    assert names(draw(space, searching(4), pruned, None, tmp_path)) == [*PLAYED, *SEARCH]


def names(drawn) -> list[str]:
    return [picture.file.stem for picture in drawn]


def test_a_job_that_prunes_nothing_compares_nothing(
    space: JobSpec,
    searching: Searching,
    evaluation: Evaluation,
    answering: Answering,
    tmp_path: Path,
) -> None:
    dense = evaluation.model_copy(update={"compressed": (), "chosen": None})
    answers = answering(DIGITS, networks=1)
    assert names(draw(space, searching(1), (), dense, tmp_path, answers)) == [*TOLD, *SEARCH]


def test_the_shortest_job(
    spec: JobSpec,
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    evaluation: Evaluation,
    tmp_path: Path,
) -> None:
    # One trial that failed, one that was stopped and one that ended; one episode a target.
    single = [one.model_copy(update={"episodes": one.episodes[:1]}) for one in pruned]
    # An older record has no curves, an older evaluation no answers.
    drawn = draw(spec, searched, single, evaluation, tmp_path)
    assert names(drawn) == [*CUTS, *PLAYED, "search", "search-costs"]
    assert "2 failed" not in drawn[-2].says
    assert "1 of them stopped early and 1 failed" in drawn[-2].says


def test_a_reward_that_is_no_share_has_no_percent(pruned: tuple[PruningResult, ...]) -> None:
    """AMC's reward is the error times a logarithm: -2.35, and neither -235 % nor an accuracy."""
    episode = pruned[0].episodes[0].model_copy(update={"reward": -2.35})
    result = pruned[0].model_copy(update={"episodes": (episode,), "front": (episode,)})
    earned = Earned.by(FlopsReward(), "accuracy")
    for sketch in (rewards([result], earned), policies([result], earned)):
        axes = sketch.figure.axes[0]
        assert " ".join(axes.get_ylabel().split()) == "reward by flops before fine-tuning"
        sketch.figure.draw_without_rendering()
        marks = [label.get_text() for label in axes.get_yticklabels()]
        assert any(marks)
        assert "%" not in "".join(marks)
    assert rewards([result], earned).says.endswith(": -2.35 for FLOPs -50% after 1 episode.")
    share = rewards(pruned, Earned.by(AccuracyReward(), "accuracy")).figure.axes[0]
    assert share.get_ylabel() == "accuracy\nbefore fine-tuning"
    assert share.yaxis.get_major_formatter()(50, 0) == "50%"


@pytest.mark.parametrize("noise", [0.0, 1000.0])
def test_agents_without_noise_or_with_nothing_else(
    noise: float,
    spec: JobSpec,
    searched: SearchResult,
    pruned: tuple[PruningResult, ...],
    tmp_path: Path,
) -> None:
    def play(seed: int, number: int) -> Episode:
        same = {"number": number, "seed": seed, "noise": noise}
        return pruned[0].episodes[0].model_copy(update=same)

    # Two agents for one target, whose episodes are numbered alike.
    episodes = tuple(play(seed, number) for seed in range(2) for number in range(3))
    result = pruned[0].model_copy(update={"episodes": episodes, "front": episodes[:1]})
    rewards, *_ = draw(spec, searched, [result], None, tmp_path)
    assert rewards.says == (
        "Reward of each episode before fine-tuning, the best so far"
        f"{' and the noise of the agent' if noise else ''}: "
        "50.00% for FLOPs -50% after 6 episodes."
    )
