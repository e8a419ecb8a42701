"""The pictures of a job: kept once they are drawn of all of it."""

from __future__ import annotations

from dataclasses import replace

from search.ledger import Ledger
from search.pictures.picture import Picture
from search.reports.records import PICTURES, JobRecords


def illustrated(ledger: Ledger) -> JobRecords:
    """The records of a job, with pictures of as much of it as is done.

    Raises:
        JobConflictError: there is no such job, or a record is not one of this version's.
        ArtifactError: the answers that the evaluation kept are damaged.
    """
    job = JobRecords.read(ledger)
    if job.pictures is not None or job.searched is None:
        return job
    return replace(job, pictures=draw(ledger))


def draw(ledger: Ledger) -> tuple[Picture, ...]:
    """Draw a job whose search is done, and record what was drawn once it is evaluated.

    Raises:
        ArtifactError: the answers that the evaluation kept are damaged.
    """
    # Matplotlib takes long to import, and pages of finished jobs need none of it.
    from search import answers
    from search.pictures import album

    job, folder = JobRecords.read(ledger), ledger.folder
    assert job.searched is not None, "pictures begin with those of the search"
    pictures = album.draw(
        job.spec,
        job.searched,
        job.pruned or (),
        job.evaluation,
        folder / PICTURES,
        answers.read(folder),
    )
    if job.evaluation is not None:
        keep(ledger, pictures)
    return pictures


def keep(ledger: Ledger, pictures: tuple[Picture, ...]) -> None:
    """Record what was drawn in a job's folder, which may be moved."""
    kept = tuple(
        replace(picture, file=picture.file.relative_to(ledger.folder)) for picture in pictures
    )
    ledger.write(PICTURES, tuple[Picture, ...], kept)
