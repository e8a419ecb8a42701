"""What the longer examples come to, run whole."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.page import Result, table


def lines(found: dict[str, Result]) -> list[str]:
    """The section, from one result a job."""
    rows = [row for job in found.values() for row in _rows(job)]
    return [
        "## Examples, run whole",
        "",
        "Figures on test images that no stage before has seen: accuracy in %, or the Fréchet "
        "distance of a generator (64 features of a classifier, 2,000 images; less is better). "
        "In bold what each job published. One run each.",
        "",
        *table(["Job", "Model", "Test", "FLOPs", "Parameters", "Size, kB"], rows),
        "",
        *(_cost(job) for job in found.values()),
    ]


def _rows(job: Result) -> Iterator[list[str]]:
    dense = job["models"]["dense"]
    for name, model in job["models"].items():
        test = f"{100 * model['accuracy']:.2f} %" if "accuracy" in model else _distance(model)
        yield [
            f"`{job['job']}`",
            f"**{name}**" if name == job["chosen"] else name,
            test,
            f"{model['flops']:,} ({model['flops'] / dense['flops'] - 1:+.0%})",
            f"{model['parameters']:,} ({model['parameters'] / dense['parameters'] - 1:+.0%})",
            f"{model['size_bytes'] / 1000:.0f}",
        ]


def _distance(model: Result) -> str:
    return f"distance {model['distance']:.2f}"


def _cost(job: Result) -> str:
    made = job["provenance"]
    versions = ", ".join(f"{name} {number}" for name, number in made["versions"].items())
    return (
        f"- `{job['command']}`: {job['cpu_seconds'] / 60:.1f} CPU minutes in all, search included, "
        f"within {job['seconds'] / 60:.0f} minutes on {made['machine']['cores']} cores "
        f"({made['machine']['processor']}, {len(made['machine']['gpus'])} GPUs); {versions}."
    )
