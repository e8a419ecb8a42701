"""Starts Sécateur's server for a saved model, as ``secateur serve`` would.

python -m benchmarks.serving.ours FOLDER PORT [--precision int8] [--replicas 2] [--ingress serve]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks.serving.bodies import MODEL
from search.home import Home
from search.local_ray import local_ray
from search.serve import settings, until_stopped
from serving.ingress import prepared
from serving.server import running
from serving.source import FolderSource


def main() -> None:
    parser = argparse.ArgumentParser(description="Sécateur's server for one saved model.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--ingress", default="auto")
    arguments = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    given = vars(arguments)
    folder = given.pop("folder")
    home = Home(folder.absolute().parent / "home")
    spec = settings(home, None, given, ())
    source = FolderSource(MODEL, folder)
    with prepared(spec), local_ray(home.folder / "ray.log"), running([source], spec):
        until_stopped()


if __name__ == "__main__":
    main()
