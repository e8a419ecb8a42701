"""What jobs of all kinds share: one run above all others, a record a stage, and an orderly end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from search import disk, room, traces
from search.chronicle import Chronicle, Story, reason
from search.home import Home
from search.ledger import Ledger
from search.progress import Progress
from search.reports import lines
from search.tracking import tracker
from secateur.data import Dataset
from secateur.errors import RegistryUnreachableError, SecateurError, TrackingError
from secateur.records import Publication
from secateur.spec import AnySpec
from secateur.tracking import names
from secateur.tracking.registry import Registry

T = TypeVar("T")


class StagedJob(ABC):
    """One job on the Ray that this process is connected to.

    Every stage writes its record before the next begins; a job that is run again goes on
    from the first stage without one.

    Args:
        spec: what to do.
        data: what to learn from.
        home: where to keep it.
        progress: what a person sees.
        story: tells how the job stands.

    Raises:
        SpecError: the cluster could never hold what a stage asks for.
        RegistryUnreachableError: the tracking store cannot be opened.
    """

    def __init__(
        self, spec: AnySpec, data: Dataset, home: Home, progress: Progress, story: Story
    ) -> None:
        room.check(spec)
        # Now: a store that cannot be opened would only be missed when all is done.
        self._registry = Registry(home.tracking_uri)
        self._spec, self._data, self._home, self._progress = spec, data, home, progress
        self._ledger = Ledger(home.job(spec.name))
        self._tracker = tracker(home, self._ledger, progress.line)
        self._story = story

    def run(self) -> Publication:
        """Do every stage that is not done yet.

        Raises:
            KeyboardInterrupt: the job was interrupted; what was done is kept.
            SecateurError: a stage could not finish; what was done before it is kept.
        """
        if self._data.skipped:
            self._progress.line(lines.skipped_line(self._data.skipped))
        self._chronicle = Chronicle(
            self._spec, self._data, self._ledger, self._tracker, self._story
        )
        try:
            with self._chronicle.running():
                publication = self._stages()
                self._chronicle.published(publication)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            if error.__cause__ is not None:
                traces.keep(self._ledger.folder, error)
            self._tracker.end_all("KILLED" if stopped else "FAILED", reason(error))
            if disk.out_of_room(error) and not isinstance(error, SecateurError):
                raise disk.filled(self._ledger.folder) from error
            raise
        else:
            self._tracker.end_all("FINISHED")
            return publication
        finally:
            self._tracker.close()

    @abstractmethod
    def show(self, publication: Publication) -> None:
        """Serve what was published and ask it over HTTP."""

    @abstractmethod
    def _stages(self) -> Publication:
        """All stages in their order."""

    def _stage(
        self, name: str, kind: type[T], compute: Callable[[str], T], summary: Callable[[T], str]
    ) -> T:
        """The record of a stage, kept or made, with one line for people.

        Args:
            name: of the stage.
            kind: of its record.
            compute: makes it, given the handle of the stage's run.
            summary: tells it in a line.
        """
        record = self._ledger.read(name, kind)
        if record is not None:
            self._progress.kept(name, summary(record))
            return record
        disk.check(self._ledger.folder, self._spec.limits.disk_gb)
        self._progress.begin(name)
        run = self._tracker.start(
            name, name=name, parent=self._chronicle.run, tags={names.STAGE: name}
        )
        with self._chronicle.stage(name, run):
            record = compute(run)
        self._tracker.tag(run, {names.NOTE: summary(record)})
        # Before the record: a job killed between the two does the stage, and this, again.
        self._tracker.end(run)
        self._ledger.write(name, kind, record)
        self._chronicle.tell()
        self._progress.done(name, summary(record))
        return record

    def _published(self, compute: Callable[[str], Publication]) -> Publication:
        """The record of the last stage, which needs a registry that answers.

        Args:
            compute: asks the gate and the registry, given the handle of the stage's run.

        Raises:
            TrackingError: the registry does not answer; the model is saved.
        """

        def guarded(run: str) -> Publication:
            try:
                return compute(run)
            except (TrackingError, RegistryUnreachableError) as error:
                raise TrackingError(
                    f"publish: {error}; the model is saved: secateur sync {self._spec.name}, "
                    "or the same secateur run, publishes it"
                ) from error

        return self._stage("publish", Publication, guarded, lines.publish_line)
