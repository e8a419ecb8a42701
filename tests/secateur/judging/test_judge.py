import pickle

import pytest
import torch

from benchmarks.spoiling import LADDERS, MEASURES, REAL
from secateur.errors import StageError
from secateur.judging.features import features_for
from secateur.judging.judge import LikenessJudge, judge_of
from secateur.records import Likeness
from secateur.training.generative import to_signed


@pytest.fixture(scope="session")
def judged(bench):
    return {ladder: bench.judged(ladder) for ladder in LADDERS}


@pytest.fixture(scope="session")
def judged_without_classes(bench_of_one_kind):
    return {ladder: bench_of_one_kind.judged(ladder) for ladder in LADDERS if ladder != "classes"}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("ladder", LADDERS)
def test_every_measure_follows_every_ladder(judged, ladder, measure):
    values = [MEASURES[measure](found) for found in judged[ladder].values()]
    assert values == sorted(values)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("ladder", [name for name in LADDERS if name != "classes"])
def test_without_classes_as_well(judged_without_classes, ladder, measure):
    values = [MEASURES[measure](found) for found in judged_without_classes[ladder].values()]
    assert values == sorted(values)


@pytest.mark.parametrize("ladder", LADDERS)
def test_the_kernel_distance_knows_real_images(judged, ladder):
    # It hardly tells one strong blur from another, and is not offered for selection.
    values = [found.kernel_distance for found in judged[ladder].values()]
    assert values[0] == min(values)


def test_real_images_are_near_and_varied(judged):
    found = judged["blur"][REAL]
    assert not found.collapsed
    assert not found.collapse
    assert found.coverage > 0.9
    assert abs(found.kernel_distance) < 0.1
    assert sum(found.classes) == pytest.approx(1)
    assert (found.images, found.real) == (400, 400)


@pytest.mark.parametrize(
    ("ladder", "step", "sign"), [("classes", "one class", "classes"), ("distinct", "50", "dupl")]
)
def test_a_collapse_is_detected(judged, ladder, step, sign):
    found = judged[ladder][step]
    assert found.collapsed
    assert sign in found.collapse


def test_a_collapse_is_detected_without_classes(judged_without_classes):
    found = judged_without_classes["distinct"]["50"]
    assert found.collapsed
    assert found.classes == ()
    assert "class_variety" not in found.figures


def test_further_measures_get_the_images(digits, kept):
    features, pixels = features_for(digits.development, kept), digits.test.tensors()[0]
    judge = LikenessJudge(features, pixels, 50, lambda images: {"brightest": images.max().item()})
    assert judge(to_signed(pixels[:50])).figures["brightest"] == 1


def test_images_that_are_no_numbers_are_refused(bench):
    with pytest.raises(StageError, match="not finite"):
        bench.judge(torch.full((400, 1, 8, 8), float("nan")))


def test_a_judge_asks_for_its_number_of_images(bench):
    with pytest.raises(AssertionError, match="10 images; this judge takes 400"):
        bench.judge(torch.zeros(10, 1, 8, 8))


def test_a_judge_travels(bench):
    images = bench.images[:400]
    there = pickle.loads(pickle.dumps(bench.judge))
    assert there(images) == bench.judge(images)
    assert Likeness.from_json(there(images).model_dump_json()) == there(images)


def test_a_search_is_judged_on_validation_images_where_they_suffice(digits, kept):
    development = digits.development
    images = to_signed(digits.test.tensors()[0][:100])
    assert judge_of(development, kept, count=100)(images).real == 100
    few = judge_of(development, kept, count=2000)
    there = len(development.validation) + len(development.train)
    assert f"{there} real images where 2000 are asked for" in few.note
    assert not judge_of(development, kept, count=1000).note
