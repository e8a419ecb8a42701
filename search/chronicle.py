"""The run of a whole job: what was asked, what it is made with, what it costs, what comes of it."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from search import parameters
from search.ledger import Ledger
from search.meter import Meter
from search.reports.amounts import bytes_of
from search.reports.origin import as_yaml
from secateur.data import Dataset
from secateur.data.dataset import digest_of
from secateur.paths import expanded
from secateur.provenance import provenance
from secateur.records import DataUsed, Provenance, Publication, Scalar, Spent
from secateur.spec import AnySpec
from secateur.tracking import names
from secateur.tracking.port import Tracker, UsedData

SPEC = "job.yaml"
"""The job as it can be run again, every default written out, in its folder and with its run."""

Story = Callable[[Ledger, str | None], str]
"""Tells how a job stands, in Markdown, from its ledger and why it ended early, if it did."""


class Chronicle:
    """The run of a job, the parent of all others; begins it, or goes on with it.

    Args:
        spec: the job.
        data: what it learns from.
        ledger: of the job.
        tracker: takes the run.
        story: tells how the job stands.

    Attributes:
        run: its handle.
    """

    def __init__(
        self, spec: AnySpec, data: Dataset, ledger: Ledger, tracker: Tracker, story: Story
    ) -> None:
        self._ledger, self._tracker, self._story = ledger, tracker, story
        made = provenance()
        ledger.write("provenance", Provenance, made)
        ledger.write("data", DataUsed, _data_used(data))
        self.run = tracker.start(
            "job",
            name=spec.name,
            parameters=parameters.of_job(spec) | _facts(spec, data),
            tags=_tags(made),
        )
        self._meter = Meter(ledger, lambda load, sample: tracker.log(self.run, load, sample))
        file = ledger.folder / SPEC
        file.write_text(as_yaml(spec), encoding="utf-8")
        tracker.attach(self.run, file)
        for role, used in _used(spec, data).items():
            tracker.use(self.run, used, role)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure what the job costs, and tell how it stands when it ends, in whatever way."""
        self.tell()
        try:
            with self._meter.running():
                yield
        except BaseException as error:
            self.tell(reason(error))
            raise
        else:
            self.tell()
        finally:
            account = self._meter.account
            self._tracker.log(self.run, _hours(account.total), account.begun - 1)

    @contextmanager
    def stage(self, name: str, run: str) -> Iterator[None]:
        """Measure what a stage costs, and note it with the stage's run."""
        with self._meter.stage(name):
            yield
        account = self._meter.account
        self._tracker.log(run, _hours(account.stages[name]), account.begun - 1)

    def published(self, publication: Publication) -> None:
        """Name what the job registered."""
        if publication.version is not None:
            model = {names.MODEL: publication.name, names.MODEL_VERSION: publication.version}
            self._tracker.tag(self.run, model)

    def tell(self, stopped: str | None = None) -> None:
        """Describe the job as far as it has come.

        Args:
            stopped: why it ended early, if it did.
        """
        self._tracker.tag(self.run, {names.NOTE: self._story(self._ledger, stopped)})


def reason(error: BaseException) -> str:
    """Why a job ended early, in one line."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _facts(spec: AnySpec, data: Dataset) -> dict[str, Scalar]:
    return {
        names.DATA: data.name,
        names.DATA_DIGEST: data.digest,
        names.SPLIT_DIGEST: data.split_digest,
        names.SKIPPED: len(data.skipped),
        names.SPEC_DIGEST: spec.digest,
    }


def _data_used(data: Dataset) -> DataUsed:
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    return DataUsed(
        name=data.name,
        digest=data.digest,
        split_digest=data.split_digest,
        images={role: len(images) for role, images in splits.items()},
        classes=len(data.labels),
    )


def _tags(made: Provenance) -> dict[str, str]:
    """They may change where a job goes on elsewhere, which parameters may not."""
    machine = made.machine
    tags = {
        names.SOURCE: "secateur run",
        names.SOURCE_TYPE: "LOCAL",
        names.USER: _user(),
        **{f"{names.VERSIONS}{name}": version for name, version in made.versions.items()},
        f"{names.MACHINE}processor": machine.processor,
        f"{names.MACHINE}cores": str(machine.cores),
        f"{names.MACHINE}memory": bytes_of(machine.memory_bytes),
        f"{names.MACHINE}gpus": ", ".join(machine.gpus) or "none",
    }
    if made.commit is not None:
        tags[names.SOURCE_COMMIT] = made.commit.id
        tags[names.SOURCE_DIRTY] = str(made.commit.dirty).lower()
    return tags


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number without a name
        return "unknown"


def _used(spec: AnySpec, data: Dataset) -> dict[str, UsedData]:
    """The splits by what they were for."""
    asked: dict[str, Any] = spec.data.model_dump(mode="json")
    path = asked.get("root") or asked.get("path")
    source = str(expanded(path).absolute()) if path else data.name
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    return {
        role: UsedData(
            name=data.name,
            digest=digest_of(images),
            source=source,
            profile={
                "images": len(images),
                "shape": "x".join(map(str, images.shape)),
                "classes": len(data.labels),
                "source_digest": data.digest,
            },
        )
        for role, images in splits.items()
    }


def _hours(spent: Spent) -> dict[str, float]:
    wall, cpu, gpu = spent.hours
    return {names.HOURS: wall, names.CPU_HOURS: cpu, names.GPU_HOURS: gpu}
