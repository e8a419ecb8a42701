"""A server in a process of its own: ``python served.py SERVER.yaml MODEL_FOLDER RAY_LOG``.

Prints what takes its connections and its address, serves the model under the name
``brightness`` in version 7, and stops as ``secateur serve`` does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from search.local_ray import local_ray
from search.serve import until_stopped
from serving import spec
from serving.ingress import prepared
from serving.server import running
from serving.source import FolderSource


def main(config: str, folder: str, log: str) -> None:
    asked = spec.load(Path(config))
    with (
        prepared(asked) as kind,
        local_ray(Path(log)),
        running([FolderSource("brightness", Path(folder), "7")], asked) as url,
    ):
        print(kind, url, file=sys.stderr, flush=True)
        until_stopped()


if __name__ == "__main__":
    main(*sys.argv[1:])
