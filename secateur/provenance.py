"""What results of this process are made with: versions, commit and machine."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

import secateur
from secateur import gpus
from secateur.records import Commit, Machine, Provenance

PACKAGES = ("secateur", "torch", "ray", "mlflow", "onnxruntime")
_TIMEOUT_S = 10


def provenance() -> Provenance:
    """All of it; takes some 50 ms."""
    return Provenance(versions=versions(), commit=commit(), machine=machine())


def versions() -> dict[str, str]:
    """Of Python and the packages that results depend on; those not installed are left out."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit(file: Path = Path(secateur.__file__)) -> Commit | None:
    """The commit of the checkout that ``file`` belongs to.

    Returns:
        Nothing where git does not track the file, though its folder may lie in somebody's
        checkout, as an environment does; nor where there is no git.
    """
    if _git(file, "ls-files", "--error-unmatch", file.name) is None:
        return None
    head = _git(file, "rev-parse", "HEAD")
    if head is None:  # a checkout without a commit
        return None
    changed = _git(file, "--no-optional-locks", "status", "--porcelain", "--untracked-files=no")
    return Commit(id=head, dirty=bool(changed))


def machine() -> Machine:
    """This machine."""
    return Machine(
        processor=processor(),
        cores=os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        gpus=gpus.names(),
    )


def processor() -> str:
    """Model of the processor, where the system says; else its architecture."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _git(file: Path, *arguments: str) -> str | None:
    """What git says in the folder of ``file``; nothing where it refuses or is not there."""
    # Git's own variables, as hooks have them, may speak of another repository.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", "-C", str(file.parent), *arguments],
            capture_output=True, text=True, check=True, timeout=_TIMEOUT_S, env=ours,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
