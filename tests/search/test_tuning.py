"""What is made of Tune's results."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ray import tune
from ray.tune.experiment import Trial

from search.tuning import _in_order


def trial(number: int) -> Any:
    made = Trial("unknown", stub=True, trial_id=f"id-{number}")
    made.experiment_tag = f"{number + 1}_width=32"
    made.config = {"network": "mlp", "number": number}
    return made


class Grid(list[tune.Result]):
    """As much of Tune's grid as is asked for."""

    def __init__(self, *pairs: tuple[Any, dict[str, Any] | None]) -> None:
        super().__init__(
            tune.Result(metrics=metrics, checkpoint=None, error=None, path="")
            for _, metrics in pairs
        )
        self._experiment_analysis = SimpleNamespace(trials=[one for one, _ in pairs])


def test_results_are_in_the_order_of_their_trials_and_say_of_which_point_they_are() -> None:
    """A restored search knows of a trial that failed before its first report no more than it."""
    reported = {"accuracy": 0.5, "config": {"network": "mlp", "number": 0}}
    grid: Any = Grid((trial(2), {"trial_id": "id-2"}), (trial(0), reported), (trial(1), None))
    results = _in_order(grid)
    assert [(result.config or {})["number"] for result in results] == [0, 1, 2]
    assert results[0].metrics == reported
