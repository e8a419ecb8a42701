"""Operations in MLflow, each of which may be done again.

The driver alone writes: Tune ends a trial's function inside its report, which would leave
runs open for ever if workers did.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

from secateur.tracking import faults, names
from secateur.tracking.mlflow_runs import MLflowRuns
from secateur.tracking.operations import (
    AnyOperation,
    Attach,
    Discard,
    End,
    Log,
    Start,
    Tag,
    Use,
)
from secateur.tracking.port import UsedData
from secateur.tracking.store import RefusedError

_DIGEST_LENGTH = 36


@dataclass
class _Pending:
    """What the next call is to write to a run."""

    metrics: list[Metric] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


class MLflowStore:
    """The runs of one job, in an experiment of the job's name.

    Args:
        uri: of the tracking store, e.g. ``sqlite:////path/mlflow.db`` or a server's.
        experiment: name of the experiment; created where it is absent.
        job: what tells this job's runs from others of the experiment.
        folder: that the paths of files are relative to.
        artifact_root: folder or URI for files; the store's default where absent.
    """

    def __init__(
        self, uri: str, experiment: str, job: str, folder: Path, artifact_root: str | None = None
    ) -> None:
        self.address = faults.shown(uri)
        self._runs = MLflowRuns(uri, experiment, job, artifact_root)
        self._folder = folder
        self._pending: dict[str, _Pending] = defaultdict(_Pending)
        # Runs that were created here, and no request has failed since: all they hold is known.
        self._fresh: set[str] = set()
        # Steps that other runs hold, by run and metric; asked for when they are needed.
        self._held: dict[tuple[str, str], set[int]] = {}

    def apply(self, operations: Sequence[AnyOperation], *, doubtful: bool) -> None:
        """See ``Store.apply``."""
        try:
            self._runs.connect()
            self._apply(operations, doubtful=doubtful)
        except Exception:
            self._fresh.clear()
            self._held.clear()
            raise
        finally:
            self._pending.clear()

    def run_id(self, run: str) -> str:
        """See ``Store.run_id``."""
        self._runs.connect()
        return self._runs.id(run)

    def reason(self, error: BaseException) -> str:
        """See ``Store.reason``."""
        return faults.reason(error)

    def _apply(self, operations: Sequence[AnyOperation], *, doubtful: bool) -> None:
        try:
            for operation in operations:
                self._do(operation, doubtful=doubtful)
            for run in list(self._pending):
                self._write(run)
            if doubtful:
                for run in {each.run for each in operations if isinstance(each, Start)}:
                    self._runs.unify(run)
        except Exception as error:
            if faults.is_refusal(error, self._runs.uri):
                raise RefusedError(faults.reason(error)) from error
            raise

    def _do(self, operation: AnyOperation, *, doubtful: bool) -> None:
        run = operation.run
        match operation:
            case Start():
                self._start(operation, doubtful=doubtful)
            case Discard():
                self._pending.pop(run, None)
                self._fresh.discard(run)
                self._runs.discard(run)
            case Log():
                self._gather(operation)
            case Tag():
                self._pending[run].tags |= operation.tags
            case Use():
                self._runs.client.log_inputs(
                    self._runs.id(run), [_dataset(operation.data, operation.role)]
                )
            case Attach():
                self._attach(operation)
            case End():
                self._end(operation)

    def _start(self, start: Start, *, doubtful: bool) -> None:
        pending, parameters = self._pending[start.run], start.parameters
        found = self._runs.existing(start.run, doubtful=doubtful)
        if found is None:
            self._runs.create(start)
            self._fresh.add(start.run)
        else:
            pending.tags |= start.tags
            parameters = {
                name: value for name, value in parameters.items() if name not in found.data.params
            }
            if found.info.status != "RUNNING":
                self._runs.client.update_run(found.info.run_id, status="RUNNING")
        pending.parameters |= {name: str(value) for name, value in parameters.items()}

    def _gather(self, log: Log) -> None:
        for name, value in log.metrics.items():
            if log.run not in self._fresh:
                held = self._steps(log.run, name)
                if log.step in held:
                    continue
                held.add(log.step)
            self._pending[log.run].metrics.append(Metric(name, value, log.at, log.step))

    def _attach(self, attach: Attach) -> None:
        file = self._folder / attach.path
        if not file.exists():
            raise RefusedError(f"{file.resolve()} is gone")
        self._runs.client.log_artifact(self._runs.id(attach.run), str(file), attach.folder or None)

    def _steps(self, run: str, metric: str) -> set[int]:
        if (run, metric) not in self._held:
            history = self._runs.client.get_metric_history(self._runs.id(run), metric)
            self._held[run, metric] = {point.step for point in history}
        return self._held[run, metric]

    def _end(self, end: End) -> None:
        if end.reason is not None:
            self._pending[end.run].tags[names.STOP_REASON] = end.reason
        self._write(end.run)
        self._runs.client.set_terminated(self._runs.id(end.run), end.status, end.at)

    def _write(self, run: str) -> None:
        """Write what is pending, in calls as large as MLflow allows."""
        pending = self._pending.pop(run, None)
        if pending is not None:
            self._runs.client.log_batch(
                self._runs.id(run),
                metrics=pending.metrics,
                params=[Param(name, value) for name, value in pending.parameters.items()],
                tags=[RunTag(name, value) for name, value in pending.tags.items()],
            )


def _dataset(data: UsedData, role: str) -> DatasetInput:
    """A data set with a source of one of the types that MLflow's UI knows."""
    kind, source = _source(data.source)
    dataset = Dataset(
        name=data.name,
        digest=data.digest[:_DIGEST_LENGTH],
        source_type=kind,
        source=json.dumps(source),
        profile=json.dumps(dict(data.profile)),
    )
    return DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, role)])


def _source(source: str) -> tuple[str, dict[str, object]]:
    """A type and the fields that MLflow has for it; see ``UsedData``."""
    if source.startswith(("http://", "https://")):
        return "http", {"url": source}
    if "/" in source:
        return "local", {"uri": source}
    return "code", {"tags": {"mlflow.source.name": source}}
