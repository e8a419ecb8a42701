"""Pictures of what the networks answered, and of what they cost."""

from __future__ import annotations

import io

import numpy as np
import pytest

from search.answers import Answers, Told
from search.pictures import words
from search.pictures.confusion import confusion, most_confused
from search.pictures.costs import dense_against_compressed
from search.pictures.earned import Earned
from search.pictures.mistakes import mistakes, shown
from search.pictures.rewards import best_so_far, rewards
from search.pictures.tradeoff import tradeoff
from search.pictures.values import values
from secateur.data.images import Images
from secateur.records import EvaluatedVariant, Evaluation, PruningResult
from secateur.spec.rewards import AccuracyReward
from tests.search.pictures.conftest import Answering

ABC = ("cat", "dog", "owl")
HOSTILE = ("$\\frac{", "<script>alert(1)</script>", "two\nlines", "猫", "", "n" * 300)


def draws(figure) -> None:
    """Whatever Matplotlib holds against a text, it says so when it draws."""
    figure.savefig(io.BytesIO(), format="png")


def test_a_matrix_for_each_network_where_classes_are_few(
    evaluation: Evaluation, answering: Answering
) -> None:
    sketch = confusion(evaluation, answering(ABC))
    assert sketch is not None
    dense, champion = sketch.figure.axes
    assert dense.get_title("left") == "dense: 2 of 30 wrong"
    assert champion.get_title("left") == "FLOPs -50% *: 2 of 30 wrong"
    # Eight cats of ten are right and two are called dogs; the rest is right.
    assert [text.get_text() for text in dense.texts] == ["8", "2", "10", "10"]
    shares = dense.images[0].get_array().filled(np.nan)
    np.testing.assert_allclose(shares, [[np.nan, 0.2, 0], [0, np.nan, 0], [0, 0, np.nan]])
    assert "cat taken for dog (2)" in sketch.says


@pytest.mark.parametrize(("count", "panels"), [(12, 2), (13, 2), (100, 2), (101, 1), (1000, 1)])
def test_many_classes(
    count: int, panels: int, evaluation: Evaluation, answering: Answering
) -> None:
    answers = answering(tuple(f"class number {place}" for place in range(count)), side=4)
    sketch = confusion(evaluation, answers)
    assert sketch is not None
    assert len(sketch.figure.axes) == panels
    listed = [label.get_text() for label in sketch.figure.axes[-1].get_yticklabels()]
    # Beyond twelve classes the last panel is the list of confusions, of which there is one.
    assert (listed == ["class number 0 → class number 1"]) == (count > 12)
    # No label is left out of a picture by chance: at most thirty are written.
    assert len(sketch.figure.axes[0].get_yticklabels()) <= 34


def test_confusions_are_listed_by_how_often_they_happened(answering: Answering) -> None:
    assert most_confused(answering(ABC), 1) == [(0, 1, 2)]
    assert most_confused(answering(ABC), 2) == [(1, 2, 10)]


@pytest.mark.parametrize("count", [2, 13, 101])
def test_a_network_without_mistakes(count: int, evaluation: Evaluation) -> None:
    truths = np.arange(count)
    told = [Told(truths, np.ones(count, np.float32))] * 3
    labels = tuple(map(str, range(count)))
    answers = Answers.of(labels, Images(np.zeros((count, 1, 8, 8), np.uint8), truths), told, 1)
    sketch = confusion(evaluation, answers)
    assert sketch is not None
    draws(sketch.figure)
    assert sketch.says == f"FLOPs -50% gets all {count} test images right."
    assert mistakes(evaluation, answers) is None


def test_names_of_classes_are_shown_as_they_are_or_by_number(
    evaluation: Evaluation, answering: Answering
) -> None:
    answers = answering(HOSTILE)
    for sketch in (confusion(evaluation, answers), mistakes(evaluation, answers)):
        assert sketch is not None
        draws(sketch.figure)
    assert words.classes(HOSTILE, 14) == [
        "$\\frac{", "<script>a…ipt>", "two lines", "class 3", "class 4", "nnnnnnnnn…nnnn",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a" * 14, "a" * 15, "a b c d e f g h i j k", "ab\n\tcd"])
def test_short_names(text: str) -> None:
    short = words.short(text, 14)
    assert len(short) <= 14
    assert ("…" in short) == (len(" ".join(text.split())) > 14)
    assert "\n" not in short


@pytest.mark.parametrize("channels", [1, 3])
def test_mistakes_say_what_was_said_how_surely_and_what_is_true(
    channels: int, evaluation: Evaluation, answering: Answering
) -> None:
    sketch = mistakes(evaluation, answering(ABC, channels=channels))
    assert sketch is not None
    tiles = [axes for axes in sketch.figure.axes if axes.images]
    # Images 0 and 1 of 30, whose probabilities are 0.5 and 0.5 + 0.49 / 29: the surer first.
    assert [axes.get_title() for axes in tiles] == [
        "said dog, 51.7%\ntrue cat",
        "said dog, 50.0%\ntrue cat",
    ]
    assert tiles[0].images[0].get_array().shape == (8, 8) + (3,) * (channels == 3)
    assert sketch.says.startswith("Of the 2 test images that FLOPs -50% got wrong, the 2 ")


@pytest.mark.parametrize(("channels", "side"), [(2, 8), (1, 2)])
def test_inputs_that_are_no_images_are_not_shown(
    channels: int, side: int, evaluation: Evaluation, answering: Answering
) -> None:
    assert mistakes(evaluation, answering(ABC, channels=channels, side=side)) is None


def test_numbers_are_stretched_to_shades() -> None:
    pixels = np.asarray([[[[-1, 0]]], [[[1, 3]]]], np.float32)
    assert shown(pixels)[..., 0].tolist() == [[[0, 0.25]], [[0.5, 1]]]
    assert shown(np.full((1, 1, 2, 2), 5, np.float32)).max() == 0
    assert shown(np.full((1, 1, 1, 1), 51, np.uint8)).item() == 0.2


@pytest.mark.parametrize("count", [1, 50, 5000])
def test_said_against_true_values_of_a_regression(count: int, evaluation: Evaluation) -> None:
    truths = np.linspace(-1, 1, count, dtype=np.float32)
    told = [Told(truths + error, np.ones(count, np.float32)) for error in (0.25, 0.5, 0.125)]
    test = Images(np.zeros((count, 1, 1, 2), np.float32), truths)
    sketch = values(evaluation, Answers.of((), test, told, 1))
    assert sketch is not None
    draws(sketch.figure)
    left, middle, _ = sketch.figure.axes
    dots = left.lines[0]
    assert len(dots.get_xdata()) == min(count, 2000)
    np.testing.assert_allclose(dots.get_ydata() - dots.get_xdata(), 0.5, atol=1e-6)
    np.testing.assert_allclose(middle.lines[0].get_ydata(), 0.5, atol=1e-6)
    assert ("2000 of 5000" in left.get_title("left")) == (count == 5000)


def test_classes_have_no_values_and_values_no_classes(
    evaluation: Evaluation, answering: Answering
) -> None:
    assert values(evaluation, answering(ABC)) is None
    test = Images(np.zeros((2, 1, 1, 2), np.float32), np.zeros(2, np.float32))
    none = Answers.of((), test, [Told(test.labels, np.ones(2, np.float32))] * 3, 1)
    assert confusion(evaluation, none) is None
    assert mistakes(evaluation, none) is None


@pytest.fixture
def with_int8(evaluation: Evaluation) -> Evaluation:
    figures = evaluation.champion.figures.model_copy(update={"accuracy": 0.97, "size_bytes": 500})
    return evaluation.model_copy(update={"int8": EvaluatedVariant(figures=figures)})


def test_costs_are_told_as_in_the_report(with_int8: Evaluation) -> None:
    scores, flops, _, size, latency = dense_against_compressed(with_int8, "accuracy").figure.axes
    rows = [label.get_text() for label in scores.get_yticklabels()]
    assert rows == ["dense", "FLOPs -50% *", "FLOPs -75%", "FLOPs -50% int8"]
    told = [[text.get_text() for text in axes.texts] for axes in (scores, flops, size, latency)]
    assert told[0] == ["98.00%", "97.50%", "94.00%", "97.00%"]
    assert told[1] == ["1 k", "500 (-50%)", "250 (-75%)", "500 (-50%)"]
    assert told[2] == ["4 kB", "1 kB (-75%)", "4 kB (+0%)", "500 B (-88%)"]
    assert told[3] == ["0.500 ms", "0.500 ms (+0%)", "0.250 ms (-50%)", "0.500 ms (+0%)"]


def test_networks_lie_at_their_cost_and_score(with_int8: Evaluation) -> None:
    flops, latency = tradeoff(with_int8, "accuracy").figure.axes
    line, *dots = flops.lines
    # The line runs through the exact networks, cheapest first; the 8-bit one hangs below it.
    assert list(line.get_xdata()) == [250, 500, 1000]
    assert [dot.get_fillstyle() for dot in dots] == ["full", "full", "full", "none"]
    assert [text.get_text() for text in latency.texts] == ["dense", "-50% *", "-75%", "int8"]


@pytest.mark.parametrize(("target", "left"), [(0.5, 500), (0.9, 100)])
def test_the_best_begins_anew_with_the_targets_flops(
    target: float, left: int, pruned: tuple[PruningResult, ...]
) -> None:
    first = pruned[0].episodes[0]
    # Two episodes of an earlier stage, then three that leave just what the target does of 1,000
    # FLOPs; in floats 1,000 (1 - 0.9) is less than 100.
    played = ((700, 0.8), (700, 0.9), (left, 0.6), (left, 0.5), (left, 0.7))
    episodes = [
        first.model_copy(update={"flops": flops, "reward": reward}) for flops, reward in played
    ]
    result = pruned[0].model_copy(update={"target": target, "dense_flops": 1000})
    np.testing.assert_allclose(best_so_far(result, episodes), [0.8, 0.9, 0.6, 0.6, 0.7])


def test_every_warm_up_is_marked_where_it_was(pruned: tuple[PruningResult, ...]) -> None:
    # Two stages of three episodes, of which the first two and the first were drawn uniformly.
    noise = (1000.0, 1000.0, 0.5, 1000.0, 0.5, 0.4)
    first = pruned[0].episodes[0]
    episodes = tuple(
        first.model_copy(update={"number": number, "noise": width})
        for number, width in enumerate(noise)
    )
    result = pruned[0].model_copy(update={"episodes": episodes})
    lower = rewards([result], Earned.by(AccuracyReward(), "accuracy")).figure.axes[1]
    spans = [patch.get_extents().transformed(lower.transData.inverted()) for patch in lower.patches]
    np.testing.assert_allclose([(span.x0, span.x1) for span in spans], [(-0.5, 1.5), (2.5, 3.5)])
    assert [text.get_text() for text in lower.texts] == ["uniform", "uniform"]
    np.testing.assert_array_equal(
        lower.lines[0].get_ydata(), [np.nan, np.nan, 0.5, np.nan, 0.5, 0.4]
    )
