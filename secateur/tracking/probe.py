"""Whether a tracking server would take the runs of a job."""

from __future__ import annotations

from mlflow.exceptions import MlflowException

from secateur.tracking import connection
from secateur.tracking.faults import reason, shown


def complaint(uri: str, experiment: str) -> str | None:
    """Why a server would not show an experiment to this process, in one line.

    Args:
        uri: of the tracking store.
        experiment: name of the experiment, which need not be there.

    Returns:
        The server's address and the reason, without passwords; nothing where it answers.
    """
    try:
        connection.connect(uri).get_experiment_by_name(experiment)
    except MlflowException as error:
        return f"{shown(uri)} does not answer: {reason(error)}"
    return None
