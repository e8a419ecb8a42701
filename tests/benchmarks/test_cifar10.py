"""The headline table: its protocols, its chunks, and its stages from end to end."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agents.staging import shares
from benchmarks.cifar10 import searching, training
from benchmarks.cifar10.__main__ import asked, main
from benchmarks.cifar10.case import Case
from benchmarks.cifar10.clock import ChunkOverError, Clock
from benchmarks.cifar10.efforts import EFFORTS
from benchmarks.cifar10.protocols import ONE_CUT, PROTOCOLS
from benchmarks.cifar10.subjects import SUBJECTS
from secateur.models.registry import build
from secateur.spec.agents import DDPGSpec, PublishedDDPGSpec

ROOT = Path(__file__).parents[2]
SHAPE, CLASSES = (3, 32, 32), 10


class Time:
    """Stands still until it is told to pass."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


# torchvision's VGG-19 with batch norm has 143,678,248 parameters, 123,642,856 of them in its head
# for ImageNet: (25,088 + 1) * 4,096 + (4,096 + 1) * 4,096 + (4,096 + 1) * 1,000.
FEATURES = 143_678_248 - 123_642_856


@pytest.mark.parametrize(
    ("network", "head"),
    [
        ("vgg19", 513 * 10),
        # A map of 512 x 1 x 1, and ten classes.
        ("vgg19-classic", 513 * 4096 + 4097 * 4096 + 4097 * 10),
    ],
)
def test_both_heads_of_vgg19(network, head):
    built = build(SUBJECTS[network].architecture(SHAPE, CLASSES))
    assert sum(one.numel() for one in built.parameters()) == FEATURES + head


def test_the_published_protocol_to_the_letter():
    spec = PROTOCOLS["thesis"].prune(SUBJECTS["vgg19"], EFFORTS["full"])
    agent = spec.agent
    assert isinstance(agent, PublishedDDPGSpec)
    assert (spec.episodes, agent.warmup * 400, agent.constant * 400) == (400, 0, 100)
    assert (agent.noise, agent.hidden, agent.actions) == (0.5, (300, 300), "ratio")
    assert (spec.a_max, spec.a_max_dense, spec.importance) == (0.8, 0.98, "l1")
    assert (spec.correction, spec.race, spec.targets) == ("none", False, (0.916,))
    assert shares(0.916, ONE_CUT, 400) == (0.916,)
    assert PROTOCOLS["thesis"].finetune(EFFORTS["full"]).distillation == 0


def test_ours_cuts_in_stages_and_learns_from_the_dense_network():
    subject = SUBJECTS["vgg19"]
    spec = PROTOCOLS["ours"].prune(subject, EFFORTS["full"])
    assert isinstance(spec.agent, DDPGSpec)
    # Two stages that keep the same share each: 1 - sqrt(0.084).
    assert shares(subject.target, spec.stages.largest, spec.episodes) == pytest.approx(
        (1 - 0.084**0.5, 0.916)
    )
    assert spec.correction == "recalibrate"
    assert PROTOCOLS["ours"].finetune(EFFORTS["full"]).distillation > 0


def test_all_protocols_recover_for_as_many_epochs():
    for effort in EFFORTS.values():
        assert {one.finetune(effort).epochs for one in PROTOCOLS.values()} == {effort.finetune}


def test_stages_come_in_the_order_in_which_they_need_each_other():
    assert list(asked("all", ["ours", "longer"])) == [
        ("train", ""),
        ("search", "ours"),
        ("finetune", "ours"),
        ("finetune", "longer"),
    ]
    assert list(asked("search", ["longer"])) == []


def test_a_chunk_ends_before_a_part_that_would_not_fit(tmp_path):
    time = Time()
    clock = Clock(tmp_path / "train.seconds", minutes=1, now=time)
    for seconds in (25, 10):  # 25 more would end at 60
        time.now += seconds
        clock.tick()
    time.now += 1
    with pytest.raises(ChunkOverError):
        clock.tick()


def test_the_next_chunk_counts_on(tmp_path):
    time, file = Time(), tmp_path / "train.seconds"
    first = Clock(file, minutes=None, now=time)
    time.now += 30
    first.tick()
    second = Clock(file, minutes=None, now=time)
    time.now += 12
    assert second.seconds == 42


def test_parts_of_earlier_chunks_do_not_end_one(tmp_path):
    time, file = Time(), tmp_path / "train.seconds"
    for chunk in range(3):
        clock = Clock(file, minutes=0, now=time)
        for _ in range(chunk):  # told once more
            clock.tick()
        time.now += 1
        with pytest.raises(ChunkOverError):
            clock.tick()


@pytest.fixture
def short_folder():
    """Ray's sockets lie below it, and their paths may have some 100 characters."""
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def images(tmp_path):
    """24 images of noise a class to train on and 4 to test, the classes of unlike brightness."""
    generator = np.random.default_rng(0)
    for split, count in (("train", 24), ("test", 4)):
        for label in range(CLASSES):
            folder = tmp_path / "images" / split / f"class{label}"
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = generator.integers(20 * label, 20 * label + 60, (32, 32, 3), np.uint8)
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "images"


def play(images, home, *options):
    command = [sys.executable, "-m", "benchmarks.cifar10", "--effort", "tiny", *options]
    places = ["--images", images, "--home", home / "home", "--results", home / "results"]
    return subprocess.run(
        [*map(str, command), "--data", "cifar10-jpeg", *map(str, places)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "RAY_TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("network", ["vgg19", "vgg19-classic", "resnet34", "resnet56", "resnet20"])
def test_all_stages_of_every_network(images, short_folder, network):
    done = play(images, short_folder, "--network", network)
    assert done.returncode == 0, done.stderr
    found = {
        file.stem.removeprefix(f"{network}-cifar10-jpeg-tiny-1-"): json.loads(file.read_text())
        for file in (short_folder / "results").iterdir()
    }
    stages = {"train"} | {f"finetune-{name}" for name in PROTOCOLS}
    assert found.keys() == stages | {f"search-{name}" for name in ("thesis", "ours", "uniform")}
    dense, target = found["train"], SUBJECTS[network].target
    for name in ("thesis", "ours", "uniform"):
        assert found[f"search-{name}"]["flops_cut"] >= target
        if name != "thesis":
            assert found[f"search-{name}"]["parameters_cut"] >= (SUBJECTS[network].parameters or 0)
        assert found[f"finetune-{name}"]["flops"] <= (1 - target) * dense["flops"]
    assert found["finetune-longer"]["flops"] == dense["flops"]

    again = play(images, short_folder, "--network", network)
    assert again.stdout.count(": kept") == len(found)


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("search", r"dense.manifest\.json"),
        ("finetune", r"chosen\.json: not there; expected --stage search to be played first"),
    ],
)
def test_a_stage_before_its_time_is_one_line(images, tmp_path, monkeypatch, stage, missing):
    home = ["--home", str(tmp_path), "--results", str(tmp_path / "results")]
    asked_for = ["--network", "resnet20", "--effort", "tiny", "--data", "cifar10-jpeg"]
    options = [*asked_for, "--stage", stage, "--protocol", "ours", "--images", str(images), *home]
    monkeypatch.setattr(sys, "argv", ["benchmarks.cifar10", *options])
    monkeypatch.setattr(searching, "_start_ray", lambda: None)
    with pytest.raises(SystemExit, match=missing):
        main()


@pytest.mark.slow
def test_a_training_in_chunks_is_the_training_in_one(images, tmp_path, monkeypatch):
    monkeypatch.setitem(EFFORTS, "tiny", replace(EFFORTS["tiny"], epochs={"": 3}))

    def case(name):
        home, results = tmp_path / name, tmp_path / name / "results"
        return Case("resnet20", "cifar10-jpeg", "tiny", 1, images, home, results)

    whole, parts = case("whole"), case("parts")
    training.play(whole, whole.clock("train", None))
    for _ in range(2):  # a chunk of no time does one epoch
        with pytest.raises(ChunkOverError):
            training.play(parts, parts.clock("train", 0))
    training.play(parts, parts.clock("train", 0))  # the last epoch ends the stage
    kept = ("validation", "accuracy")
    one, other = (json.loads(made.result("train").read_text()) for made in (whole, parts))
    assert len(one["validation"]) == 3
    assert [one[name] for name in kept] == [other[name] for name in kept]
