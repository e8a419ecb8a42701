"""Every picture of a generative job, of odd jobs too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.text import Text
from PIL import Image

from search.generation.pictures import album, curves, samples, signals, tiles, trials
from search.generation.records import GenerationRecords
from search.generation.shots import attach_samples
from search.generation.snapshots import Snapshots
from search.pictures.files import write
from search.pictures.look import LOOK, WIDTH
from search.pictures.sketch import Sketch
from secateur.generators import save_generator
from secateur.models.generators import build_generator
from secateur.records import (
    Architecture,
    GenerativeEvaluation,
    GenerativeSearchResult,
    PruningResult,
    RecoveredGenerator,
)
from secateur.spec import parse

TINY = Architecture(
    name="mlp-gan", arguments={"latent": 4, "width": 0.125}, input_shape=(1, 8, 8), classes=1
)
CUT = ["dense-beside-compressed", "dense-against-compressed"]
SEARCH = ["search", "distance-against-flops", "likeness-by-step", "losses"]
PLAYED = ["rewards", "front", "channels", "recovery"]
MOST_BYTES = 150_000
SERIES = (2, 1, 64)


@pytest.fixture(autouse=True)
def look() -> Iterator[None]:
    """Figures are made with the look that they are drawn with."""
    with mpl.rc_context(LOOK):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a job that left its samples and its generators, which are all the same."""
    folder = tmp_path_factory.mktemp("job")
    save_generator(folder / "models/dense", build_generator(TINY, seed=0), TINY)
    for name in ("flops-0.7", "flops-0.9"):
        shutil.copytree(folder / "models/dense", folder / "models" / name)
    taken(3).save(folder / album.SAMPLES)
    return folder


def taken(steps: int, shape: tuple[int, int, int] = (1, 8, 8), count: int = 8) -> Snapshots:
    """Noise at so many steps."""
    found = Snapshots()
    for step in range(steps):
        random = torch.Generator().manual_seed(step)
        found = found.with_(100 * (step + 1), torch.rand(count, *shape, generator=random) * 2 - 1)
    return found


@pytest.fixture
def job(
    folder: Path,
    searched: GenerativeSearchResult,
    pruned: tuple[PruningResult, ...],
    recovered: tuple[RecoveredGenerator, ...],
    evaluation: GenerativeEvaluation,
) -> GenerationRecords:
    spec = parse({"name": "digits", "task": "generation", "data": {"kind": "digits"}})
    return GenerationRecords(folder, spec, searched, pruned, recovered, evaluation, None, None)


def test_every_picture_is_drawn_in_its_order(job: GenerationRecords, tmp_path: Path) -> None:
    drawn = album.draw(job, tmp_path / "new")
    names = [picture.file.stem for picture in drawn]
    assert names == [*CUT, "samples-by-step", *SEARCH, *PLAYED]
    assert len({picture.title for picture in drawn}) == len(drawn)
    for picture in drawn:
        assert picture.says.endswith(".")
        assert picture.file.stat().st_size < MOST_BYTES
        with Image.open(picture.file) as image:
            assert image.width == round(160 * WIDTH)


def test_a_job_that_is_not_done_has_the_pictures_of_what_is(
    searched: GenerativeSearchResult, job: GenerationRecords, tmp_path: Path
) -> None:
    begun = GenerationRecords(tmp_path, job.spec, searched, None, None, None, None, None)
    drawn = album.draw(begun, tmp_path / "pictures")
    assert [picture.file.stem for picture in drawn] == SEARCH


def test_the_shortest_job(
    searched: GenerativeSearchResult, job: GenerationRecords, tmp_path: Path
) -> None:
    """One trial whose curve was not kept, and nothing pruned."""
    alone = searched.model_copy(update={"trials": searched.trials[2:3], "curves": ()})
    assert job.evaluation is not None
    dense = job.evaluation.model_copy(update={"compressed": (), "chosen": None})
    single = GenerationRecords(tmp_path, job.spec, alone, None, None, dense, None, None)
    drawn = album.draw(single, tmp_path / "pictures")
    assert [picture.file.stem for picture in drawn] == SEARCH[:2]


@pytest.mark.parametrize("shape", [(1, 28, 28), (1, 64, 64), (3, 64, 64)])
def test_pictures_of_noise_stay_small(shape: tuple[int, int, int], tmp_path: Path) -> None:
    """Noise is what can be compressed least."""
    many = taken(12, shape, 16)
    images = np.concatenate(many.images)[:36]
    for sketch in (samples.by_step(many), samples.side_by_side({"dense": images, "cut": images})):
        assert sketch is not None
        write(sketch, tmp_path / "picture.png")
        assert (tmp_path / "picture.png").stat().st_size < MOST_BYTES


def test_the_first_and_the_last_step_are_shown() -> None:
    sketch = samples.by_step(taken(30))
    assert sketch is not None
    rows = [label.get_text() for label in sketch.figure.axes[0].get_yticklabels()]
    assert (len(rows), rows[0], rows[-1]) == (8, "step 100", "step 3,000")
    assert "from 100 to 3,000" in sketch.says


def test_series_are_no_pictures() -> None:
    assert samples.by_step(taken(2, (2, 1, 64))) is None
    series = np.zeros((4, 2, 1, 64), np.uint8)
    assert samples.side_by_side({"dense": series, "cut": series}) is None
    assert samples.by_step(Snapshots()) is None


def test_series_are_drawn_as_lines() -> None:
    """A row a step, a column a channel, two signals one over another."""
    sketch = signals.by_step(taken(10, SERIES))
    assert sketch is not None
    axes = sketch.figure.axes
    rows = [one.get_title("left") for one in axes[::2]]
    assert rows == ["step 100", "step 400", "step 700", "step 1,000"]
    assert [len(one.lines) for one in axes] == [2] * 8
    first = taken(1, SERIES).images[0]
    np.testing.assert_array_equal(axes[1].lines[1].get_ydata(), first[1, 1, 0])
    assert "at 4 steps of its training, from 100 to 1,000." in sketch.says


def test_pictures_of_noisy_series_stay_small(tmp_path: Path) -> None:
    many = taken(4, (2, 1, 2048))
    sketch = signals.by_step(many)
    assert sketch is not None
    write(sketch, tmp_path / "picture.png")
    signals.save(many.images[0], tmp_path / "file.png")
    assert all(file.stat().st_size < MOST_BYTES for file in tmp_path.iterdir())


def test_images_are_no_series() -> None:
    assert signals.by_step(taken(2)) is None
    assert signals.by_step(Snapshots()) is None
    assert signals.side_by_side({"dense": np.zeros((4, *SERIES), np.uint8)}) is None


def test_a_generator_of_series_has_the_pictures_too(job: GenerationRecords, tmp_path: Path) -> None:
    maker = TINY.model_copy(update={"input_shape": SERIES})
    for name in ("dense", "flops-0.7", "flops-0.9"):
        save_generator(tmp_path / "models" / name, build_generator(maker, seed=0), maker)
    taken(12, SERIES).save(tmp_path / album.SAMPLES)
    pictures = album.draw(replace(job, folder=tmp_path), tmp_path / "pictures")
    names = [picture.file.stem for picture in pictures]
    assert names == [*CUT, "samples-by-step", *SEARCH, *PLAYED]
    beside = "2 signals by each of dense, FLOPs -70%, FLOPs -90%, made of the same noise."
    assert pictures[0].says == beside


def test_a_file_of_series(tmp_path: Path) -> None:
    """A signal at the top of its strip, another at the bottom, in the second of two channels."""
    pair = np.zeros((2, 2, 1, 16), np.uint8)
    pair[0, 1] = 255
    signals.save(pair, tmp_path / "pair.png")
    along, across = signals.STRIP
    with Image.open(tmp_path / "pair.png") as image:
        drawn = np.asarray(image)
    assert drawn.shape == (2 * across + tiles.GAP, 2 * along + tiles.GAP)
    dark = [np.flatnonzero((drawn[:, half] == 0).all(axis=1)).tolist() for half in (
        slice(along), slice(along + tiles.GAP, None)
    )]  # fmt: skip
    bottom = 2 * across + tiles.GAP - 1
    assert dark == [[across - 1, bottom], [0, bottom]]


class Attached:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.files: list[tuple[str, str, str]] = []

    def attach(self, run: str, file: Path, folder: str) -> None:
        assert file.exists()
        self.files.append((run, file.name, folder))


@pytest.mark.parametrize(("shape", "count"), [((1, 8, 8), 2), (SERIES, 2), ((2, 8, 8), 0)])
def test_a_grid_a_step(shape: tuple[int, int, int], count: int, tmp_path: Path) -> None:
    taken(2, shape).save(tmp_path / album.SAMPLES)
    tracker = Attached()
    attach_samples(tracker, "search/trial-0001", tmp_path / album.SAMPLES, tmp_path)
    grids = [("search/trial-0001", f"step-000{step}00.png", "samples") for step in (1, 2)]
    assert tracker.files == grids[:count]


def test_a_sheet() -> None:
    """Three images of 2 x 2 in two rows, two white pixels apart; the last place is white."""
    images = np.arange(3, dtype=np.uint8).repeat(4).reshape(3, 1, 2, 2)
    white, row = [255] * 6, [0, 0, 255, 255, 1, 1]
    last = [2, 2, 255, 255, 255, 255]
    np.testing.assert_array_equal(tiles.sheet(images, 2), [row, row, white, white, last, last])


def test_large_images_are_made_smaller_by_a_whole_number() -> None:
    """Rows of 0 and of 100 in turns: each square of 2 x 2 has a mean of 50."""
    squares = np.full((1, 1, 64, 64), 100, np.uint8)
    squares[:, :, ::2] = 0
    small, said = tiles.overview(squares)
    np.testing.assert_array_equal(small, np.full((1, 1, 32, 32), 50))
    assert said == "; images at 1/2 of their size"
    same, said = tiles.overview(small)
    assert (same is small, said) == (True, "")


def test_a_grid_is_enlarged_by_a_whole_number(tmp_path: Path) -> None:
    tiles.save(np.zeros((4, 3, 8, 8), np.uint8), tmp_path / "grid.png", side=100)
    with Image.open(tmp_path / "grid.png") as image:
        assert (image.size, image.mode) == ((90, 90), "RGB")  # 5 times 8 + 2 + 8


def test_what_pictures_say(
    searched: GenerativeSearchResult, evaluation: GenerativeEvaluation
) -> None:
    found = trials.trials(searched)
    assert found is not None
    assert "5 trials in order, 1 of them stopped early and 1 failed, 1 collapsed" in found.says
    assert "trial 2, reaches 2." in found.says
    traded = trials.tradeoff(searched, evaluation)
    assert traded is not None
    assert "3 trials run to the end" in traded.says
    assert "the winner takes 3 k FLOPs for 2, the one put forward 300 for 2.1." in traded.says
    assert {"dense", "-70% *", "-90%"} <= written(traded)
    judged = curves.likeness(searched.curves, searched.best.number)
    assert judged is not None
    assert "the winner, trial 2, ends at 2 and 90.0%." in judged.says
    lost = curves.losses(searched.curves[0])
    assert lost is not None
    assert "at its end, step 400: generator 5, critic 0.5" in lost.says


def written(sketch: Sketch) -> set[str]:
    """Every text on a figure."""
    return {text.get_text() for text in sketch.figure.findobj(Text)}
