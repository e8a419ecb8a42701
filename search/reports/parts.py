"""Parts that the pages about jobs of any kind have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from search.pictures.picture import Picture
from search.reports.document import Gallery, Notice, Section
from search.status import read


def with_pictures(
    sections: Sequence[Section], pictures: Sequence[Picture], told_in: Mapping[str, str], rest: str
) -> Iterator[Section]:
    """Each section with the pictures of what it tells, and one for those of none.

    Args:
        sections: in their order.
        pictures: in theirs.
        told_in: title of a picture's section, by the name of its file.
        rest: title of the section of all others.
    """
    left = list(pictures)
    for section in sections:
        own = [one for one in left if told_in.get(one.file.stem, rest) == section.title]
        left = [one for one in left if one not in own]
        gallery = (Gallery(tuple(own)),) if own else ()
        yield replace(section, blocks=(*section.blocks, *gallery))
    if left:
        yield Section("Pictures", (Gallery(tuple(left)),))


def unfinished(folder: Path, missing: Sequence[str]) -> Notice:
    """What is missing of the job in a folder, and whether it will come."""
    status = read(folder)
    how = {
        "running": "The job is running.",
        "interrupted": "The job was interrupted; run again, it goes on from here.",
        "failed": f"The job failed, {status.reason}; run again, it goes on from here.",
    }
    return Notice(f"Not done yet: {', '.join(missing)}. {how.get(status.state, '')}".rstrip())
