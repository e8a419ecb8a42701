"""The README's table of what is reached."""

import json

import pytest

from benchmarks.highlights import README, block, refresh


@pytest.fixture
def results(tmp_path):
    def put(kind, name, content):
        folder = tmp_path / kind
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(content))

    def stage(name, seed, accuracy, effort="short"):
        head = {"network": "resnet20", "data": "cifar10", "effort": effort, "stage": name}
        content = {**head, "seed": seed, "accuracy": accuracy}
        put("cifar10", f"{name}-{seed}-{effort}", content)

    # +0.2 and +0.4 points: a mean of 0.3 and a deviation of 0.1 * sqrt 2.
    for seed, ours in ((1, 0.902), (2, 0.904)):
        stage("train", seed, 0.9)
        stage("finetune-ours", seed, ours)
        stage("finetune-thesis", seed, 0.88)
        stage("finetune-longer", seed, 0.91)
        stage("finetune-ours", seed, 0.1, effort="tiny")
    pieces, kind = [{"seconds": 90.0}, {"seconds": 150.0}], {"name": "diffusion"}
    for name, valid in (("best", 0.75), ("worse", 0.5)):
        judged = {"images": 1000, "valid": valid, "tried": 150, "accepted": 100}
        generator = {"pieces": pieces, "architecture": kind, "judged": judged}
        put("microstructures", name, generator)
    put("microstructures", "untold", {"pieces": pieces})
    put("throughput", "vgg16", {"rounds": [{"ratio": 2.0}, {"ratio": 3.0}, {"ratio": 9.0}]})
    return tmp_path


def test_rows_are_worked_out_from_the_files(results):
    told = block(results)
    assert (
        "| resnet20 on cifar10, pruned and recovered (n = 2) | +0.30 ± 0.14 points against the "
        "dense network, -2.00 ± 0.00 by the published method; +1.00 ± 0.00 for the dense "
        "one trained on as long |"
    ) in told
    assert (
        "| Simulated tomographs of a diffusion model that pass the test of real ones | "
        "75% of 1,000 after 4 CPU minutes; all with rejection, 1.50 made for each |"
    ) in told
    assert (
        "| Episodes a second of pruning, against a loop in the style of AMC's reference | "
        "3.0 times on vgg16 |"
    ) in told


def test_a_row_says_what_is_not_known_yet(results):
    for file in (results / "cifar10").glob("finetune-longer-*"):
        file.unlink()
    assert "by the published method; not known for the dense one trained on as long |" in block(
        results
    )


def test_kinds_without_results_have_no_row(tmp_path):
    assert block(tmp_path) == "| | |\n|---|---|\n"


def test_the_readme_is_up_to_date(tmp_path):
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text("utf-8"), "utf-8")
    refresh(copy)
    assert copy.read_text("utf-8") == README.read_text("utf-8")
