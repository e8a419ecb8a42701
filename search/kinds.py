"""The one place that knows that there are several kinds of jobs, and what is done with each.

Everything is imported when it is asked for: commands answer before the heavy parts load.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from secateur.roots import Roots
from secateur.spec import AnySpec, GenerationSpec

if TYPE_CHECKING:
    from search.home import Home
    from search.ledger import Ledger
    from search.progress import Progress
    from search.reports.records import Records
    from search.staged import StagedJob
    from secateur.data import Dataset


def preflight(spec: AnySpec, *, anew: bool = False) -> Dataset:
    """Load a job's data and find what can be known to be wrong; raises as ``preflight`` does.

    Paths outside of this machine's roots are among that, and are not read.

    Args:
        spec: the job.
        anew: whether it is to begin anew, whatever was done under its name.
    """
    roots = Roots.find(os.environ)
    if roots is not None:
        roots.check(spec)
    if isinstance(spec, GenerationSpec):
        from search.generation.preflight import preflight as generative

        return generative(spec, anew=anew)
    from search.preflight import preflight as answering

    return answering(spec, anew=anew)


def job(spec: AnySpec, data: Dataset, home: Home, progress: Progress) -> StagedJob:
    """A job, ready to run on the Ray that this process is connected to."""
    if isinstance(spec, GenerationSpec):
        from search.generation.job import GenerationJob

        return GenerationJob(spec, data, home, progress)
    from search.job import Job

    return Job(spec, data, home, progress)


def records(ledger: Ledger) -> Records:
    """What the stages of a job left; raises as ``JobRecords.read`` does."""
    if isinstance(ledger.spec(), GenerationSpec):
        from search.generation.records import GenerationRecords

        return GenerationRecords.read(ledger)
    from search.reports.records import JobRecords

    return JobRecords.read(ledger)


def summary(ledger: Ledger, page: Path | None = None) -> str:
    """What a person reads on the terminal about a job; raises as ``summary`` does."""
    if isinstance(ledger.spec(), GenerationSpec):
        from search.generation.summary import summary as generative

        return generative(ledger, page)
    from search.summary import summary as answering

    return answering(ledger, page)


def report(ledger: Ledger, output: Path | None = None) -> None:
    """Write the page about a job: into its folder, or into one file.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
        UserError: the ending of ``output`` is neither .html nor .md, or it cannot be written.
    """
    from search.reports.pages import save

    if isinstance(ledger.spec(), GenerationSpec):
        from search.generation import report as generative

        if output is None:
            generative.write(ledger)
        else:
            save(generative.document(generative.illustrated(ledger)), output)
        return
    from search.reports import report as answering
    from search.reports.illustrated import illustrated

    if output is None:
        answering.write(ledger)
    else:
        save(answering.document(illustrated(ledger)), output)


def export(ledger: Ledger, file: Path) -> None:
    """Write the search of a job as a study of Optuna's; raises as ``study_file.write`` does."""
    if isinstance(ledger.spec(), GenerationSpec):
        from search.generation.study_file import write as generative

        generative(ledger, file)
        return
    from search.study_file import write as answering

    answering(ledger, file)
