"""What docs/benchmarks.md says of an example that was run whole."""

import json

import pytest

from benchmarks.examples import result_of
from benchmarks.sections.examples import lines


def model(target, accuracy, flops):
    costs = {"flops": flops, "parameters": flops // 10, "size_bytes": 4 * flops}
    return {"target": target, "figures": {**costs, "accuracy": accuracy}}


@pytest.fixture
def job(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    evaluated = {
        "dense": model(0.0, 0.99, 1000),
        "compressed": [model(0.3, 0.98, 700), model(0.5, 0.97, 500)],
        "chosen": 1,
    }
    stages = {
        "": {"seconds": 10.0, "cpu_seconds": 30.0},
        "search": {"seconds": 110.0, "cpu_seconds": 150.0},
    }
    made = {"versions": {"torch": "2.15.0"}, "machine": {"processor": "P", "cores": 2, "gpus": []}}
    files = {
        "evaluate": evaluated,
        "account": {"begun": 1, "stages": stages},
        "provenance": made,
    }
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_the_section_tells_figures_and_cost(job):
    told = lines({"tiny": result_of(job)})
    assert "| `tiny` | dense | 99.00 % | 1,000 (+0%) | 100 (+0%) | 4 |" in told
    assert "| `tiny` | **FLOPs -50%** | 97.00 % | 500 (-50%) | 50 (-50%) | 2 |" in told
    # 30 + 150 CPU seconds are 3 minutes, 10 + 110 seconds are 2.
    assert told[-1].startswith(
        "- `secateur run examples/tiny.yaml`: 3.0 CPU minutes in all, search included, "
        "within 2 minutes on 2 cores (P, 0 GPUs); torch 2.15.0"
    )


def test_a_generator_has_a_distance(job):
    evaluated = json.loads((job / "evaluate.json").read_text())
    for one in (evaluated["dense"], *evaluated["compressed"]):
        one["figures"] = {**one["figures"], "likeness": {"distance": 1.234}}
    (job / "evaluate.json").write_text(json.dumps(evaluated))
    assert "| distance 1.23 |" in "".join(lines({"tiny": result_of(job)}))


def test_a_job_that_pruned_nothing_published_the_dense_network(job):
    evaluated = json.loads((job / "evaluate.json").read_text())
    dense = {"dense": evaluated["dense"], "compressed": [], "chosen": None}
    (job / "evaluate.json").write_text(json.dumps(dense))
    assert result_of(job)["chosen"] == "dense"
