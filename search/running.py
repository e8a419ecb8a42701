"""One run of a job from its spec to its exit code, on a Ray of its own or on a cluster's."""

from __future__ import annotations

import os
from contextlib import ExitStack

from search import disk, joined_ray, kinds
from search.exit_codes import NOT_PUBLISHED
from search.home import Home
from search.ledger import Ledger
from search.progress import Progress
from search.storage import mirrored
from search.telemetry import Telemetry
from search.tracking import abandon
from secateur.errors import SecateurError
from secateur.spec import AnySpec
from serving.jobs.lines import begins


def run(job: AnySpec, *, restart: bool = False) -> int:
    """Do a job, or go on where it stopped, and tell people on standard output.

    What was published is shown on a Ray of our own alone: a cluster has one Ray Serve for all,
    and the demonstration would take the place of what it serves.

    Args:
        job: what to do.
        restart: discard what an earlier run has done.

    Returns:
        0 published; 3 finished, but the publication gate refused.

    Raises:
        SecateurError: a mistake in the job or its data, or a stage that failed.
        KeyboardInterrupt: it was interrupted; the same call goes on.
    """
    home, progress = Home.find(), Progress()
    ledger = Ledger(home.job(job.name))
    disk.check(ledger.folder, job.limits.disk_gb)
    # Before anything is discarded: a job that cannot begin should cost nothing.
    data = kinds.preflight(job, anew=restart)

    def farewell() -> None:
        abandon(home, ledger)
        discard()

    joins = joined_ray.joins()
    with (
        mirrored(ledger.folder, progress.line) as discard,
        ledger.held(job, restart=restart, farewell=farewell),
        progress.recorded(ledger.folder, job.stages),
    ):
        with joined_ray.any_ray(ledger.folder / "ray.log"), ExitStack() as aside:
            if joins:
                progress.line(begins(job.name, joined_ray.place()))
                aside.enter_context(progress.shown(Telemetry()))
            try:
                work = kinds.job(job, data, home, progress)
            except SecateurError:
                ledger.withdraw()
                raise
            publication = work.run()
            progress.finished(publication.failures)
            if publication.version is not None and job.show and not joins:
                work.show(publication)
        progress.line(kinds.summary(ledger))
    return NOT_PUBLISHED if publication.version is None else os.EX_OK
