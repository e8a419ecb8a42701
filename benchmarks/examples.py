"""Copies what a finished example came to out of its job's folder, for docs/benchmarks.md.

    SECATEUR_DATA=... secateur run examples/mnist-best.yaml
    python -m benchmarks.examples mnist-best

The job is looked for in ``SECATEUR_HOME``, as ``secateur`` does.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.page import write
from search.home import Home

RESULTS = Path(__file__).parent / "results" / "examples"


def result_of(folder: Path) -> dict[str, Any]:
    """What is kept of a job.

    Args:
        folder: of a job of which all stages are done.
    """
    evaluated, account = _read(folder / "evaluate.json"), _read(folder / "account.json")
    models = {"dense": evaluated["dense"]}
    models |= {f"FLOPs -{one['target']:.0%}": one for one in evaluated["compressed"]}
    stages = account["stages"].values()
    return {
        "job": folder.name,
        "models": {name: _figures(model["figures"]) for name, model in models.items()},
        "chosen": list(models)[1 + evaluated["chosen"]] if models.keys() - {"dense"} else "dense",
        "cpu_seconds": sum(stage["cpu_seconds"] for stage in stages),
        "seconds": sum(stage["seconds"] for stage in stages),
        "begun": account["begun"],
        "command": f"secateur run examples/{folder.name}.yaml",
        "provenance": _read(folder / "provenance.json"),
    }


def _figures(found: dict[str, Any]) -> dict[str, float]:
    """Costs, and accuracy or distance."""
    kept = {name: found[name] for name in ("flops", "parameters", "size_bytes")}
    if "likeness" in found:
        return {**kept, "distance": found["likeness"]["distance"]}
    return {**kept, "accuracy": found["accuracy"]}


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("job", nargs="+", help="named as its file in examples is")
    for job in parser.parse_args().job:
        write(RESULTS / f"{job}.json", result_of(Home.find().job(job)))


if __name__ == "__main__":
    main()
