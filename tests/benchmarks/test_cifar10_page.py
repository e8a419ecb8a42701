"""The headline table as docs/benchmarks.md shows it."""

import pytest

from benchmarks.sections import cifar10

MACHINE = {
    "date": "2026-01-01 00:00 UTC",
    "command": "python -m benchmarks.cifar10",
    "processor": "P",
    "cores": 2,
    "load_before": 0.1,
    "python": "3.11",
    "torch": "2.15.0",
    "ray": "2.60.0",
    "torch-pruning": "1.6.1",
    "numpy": "2",
    "gpu": None,
    "threads": 1,
}


def result(stage, seed=1, **content):
    head = {"network": "resnet56", "data": "cifar10-jpeg", "effort": "short", "seed": seed}
    return {
        **head,
        "stage": stage,
        "seconds": 120.0,
        "cpu_seconds": 90.0,
        "machine": MACHINE,
        **content,
    }


def costs(accuracy, flops, parameters, latency=1.0):
    megabytes = parameters * 4 / 1e6
    shown = {"flops": flops, "parameters": parameters, "megabytes": megabytes, "latency": latency}
    return {"accuracy": accuracy, **shown}


@pytest.fixture
def found(monkeypatch, tmp_path):
    monkeypatch.setattr(cifar10, "PAGE", tmp_path / "benchmarks.md")
    (tmp_path / "pictures").mkdir()
    policy = {"widths": [8, 4], "dense_widths": [16, 16], "groups": ["stem", "stage1"]}
    return {
        "a": result("train", **costs(0.86, 1000, 500_000), recipe={"epochs": 20}),
        "b": result("train", seed=2, **costs(0.88, 1000, 500_000), recipe={"epochs": 20}),
        "c": result(
            "search-ours", **policy, rewards=[0.5] * 400, flops_cut=0.62, parameters_cut=0.5
        ),
        "d": result(
            "finetune-ours", **costs(0.865, 380, 250_000, 0.6), cut=0.4, spec={"epochs": 12}
        ),
        "e": result(
            "finetune-ours", seed=2, **costs(0.882, 380, 250_000, 0.8), cut=0.3, spec={"epochs": 12}
        ),
    }


def test_changes_are_those_against_the_dense_network_of_the_same_seed(found):
    told = cifar10.lines(found)
    # Means of 86.5 and 88.2, of +0.5 and +0.2 points (deviation 0.15 * sqrt 2), of 0.6 and 0.8.
    row = "| Sécateur | 2 | 87.35 ± 1.20 | +0.35 ± 0.21 | 62.0 | 50.0 | 1.00 | 0.70 |"
    assert row in told
    assert "| Dense | 2 | 87.00 ± 1.41 | - | - | - | 2.00 | 1.00 |" in told
    assert "Asked: a change of at least +0.1 points; Sécateur's mean is +0.35: reached." in told


def test_the_page_says_what_keeps_a_change_from_telling_all(found):
    told = "\n".join(cifar10.lines(found))
    control = "What as much training gives the dense network is not known yet."
    assert "networks of the field reach 93.5 % on the originals, this one 87.0 %" in told
    assert control in told
    longer = result("finetune-longer", **costs(0.94, 1000, 500_000), cut=0.4, spec={"epochs": 12})
    good = {name: {**one, "accuracy": 0.94} for name, one in found.items() if name in "ab"}
    more = "\n".join(cifar10.lines({**found, **good, "f": longer}))
    assert "networks of the field" not in more
    assert control not in more


def test_published_rows_stand_below_and_are_called_so(found):
    told = "\n".join(cifar10.lines(found))
    assert "| DepGraph, in print, originals | - | 93.64 | +0.10 | 61.1 | - | - | - |" in told


def test_the_page_says_where_and_what_is_missing(found):
    told = "\n".join(cifar10.lines(found))
    assert "No GPU was at hand" in told
    assert "Not played yet: vgg19, vgg19-classic, resnet34, resnet20." in told
    # A policy that is no search's is one episode.
    single = found["c"] | {"stage": "search-uniform", "rewards": [0.5]}
    more = "\n".join(cifar10.lines(found | {"f": single}))
    assert "Uniform widths, our recovery, seed 1: 1 episode in 1.5 CPU minutes" in more
    assert "Sécateur, seed 1: 400 episodes in 1.5 CPU minutes, 40.0 % of the test images" in told


def test_pictures_of_policies(found):
    cifar10.lines(found)
    pictures = cifar10.PAGE.parent / "pictures"
    assert {file.name for file in pictures.iterdir()} == {
        "channels-resnet56-cifar10-jpeg-short.png",
        "cuts-resnet56-cifar10-jpeg-short.png",
    }


def test_runs_of_a_tiny_budget_are_no_results(found):
    assert cifar10.lines({name: {**one, "effort": "tiny"} for name, one in found.items()}) == []
