"""The end of a generative job: what it published, served, makes images over HTTP."""

from __future__ import annotations

from pathlib import Path

from search.generate import generate_into
from search.home import Home
from search.progress import Progress
from secateur.records import Publication
from serving.server import running
from serving.source import RegistrySource

FILE = "served.png"
"""The images, in the job's folder."""


def show(
    publication: Publication, home: Home, folder: Path, count: int, seed: int, progress: Progress
) -> None:
    """Serve a generator on a free port of loopback, and ask it for images.

    Args:
        publication: of the generator, which holds its gate.
        home: its registry and cache.
        folder: of the job; takes the images.
        count: how many.
        seed: of the images.
        progress: takes the lines that say what was done.
    """
    name, alias = publication.name, publication.alias
    source = RegistrySource(name, home.tracking_uri, home.model_cache, alias)
    # Nobody else knows the port: no API keys, whatever the environment holds.
    with running([source], environment={}) as url:
        progress.line(f"\n{name}@{alias} answers at {url}")
        written = generate_into(folder / FILE, url, name, n=count, seed=seed, key=None)
        progress.line(f"  {written}")
