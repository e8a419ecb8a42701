"""The image: what goes in, and how little of it may do anything."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import tomllib

import pytest

from tests.clusters.tools import CLUSTERS, ROOT, judged, needs_linters

FOLDER = CLUSTERS / "image"
DOCKERFILE = (FOLDER / "Dockerfile").read_text()
STAGES = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]


def copied() -> list[str]:
    """Files and folders of the repository that the image is made of."""
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()]


def packed(name: str) -> bool:
    """Whether Docker is given a file of the repository: the last line that fits decides."""
    lines = (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    given = True
    for line in lines:
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch.fnmatch(name, pattern):
            given = line.startswith("!")
    return given


def test_what_is_copied_is_there_and_is_given_to_docker() -> None:
    assert all((ROOT / name).exists() and packed(name) for name in copied())
    assert not any(packed(name) for name in ("runs", ".git", ".venv", "clusters/compose/.env"))


def test_every_package_is_in_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.rstrip("*") for name in packages} <= set(copied())


def test_it_begins_with_a_pinned_python_and_does_not_end_as_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert set(bases) == {"python:3.11.13-slim-bookworm"}
    assert re.findall(r"^USER (\S+)", STAGES[-1], re.MULTILINE) == ["1000:1000"]
    assert "RAY_AUTH_MODE=token" in STAGES[-1]


def lines_of(script: str) -> str:
    """What a script of sed, as the Dockerfile has it, makes of the lock."""
    done = subprocess.run(
        ["sh", "-c", f"sed {script} requirements.lock"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def scripts() -> list[str]:
    return re.findall(r"sed ((?:-\S+ )?'[^']+') requirements\.lock", STAGES[0])


def test_uv_comes_by_version_and_hash() -> None:
    (uv, _) = scripts()
    first, *hashes = lines_of(uv).splitlines()
    assert first.startswith("uv==")
    assert hashes
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)


def test_without_cuda_only_two_packages_lose_their_hashes() -> None:
    """PyTorch's builds for CPUs are other files of the same versions."""
    (_, without) = scripts()
    lock, made = (ROOT / "requirements.lock").read_text(), lines_of(without)
    names = r"^(\S+?)==(\S+)"
    assert re.findall(names, made, re.MULTILINE) == re.findall(names, lock, re.MULTILINE)
    bare = re.findall(r"^(\S+?)==[^\\\n]+$", made, re.MULTILINE)
    assert bare == ["torch", "torchvision"]
    changed = set(made.splitlines()) - set(lock.splitlines())
    assert {line.split("==")[0] for line in changed} == {"torch", "torchvision"}


def test_nothing_is_installed_but_by_the_lock() -> None:
    installs = re.findall(r"pip install (.*?)(?=&&|\n(?! ))", STAGES[0], re.DOTALL)
    first, second, own = installs
    assert "--require-hashes" in first
    assert "--constraints constraints.txt --requirements pyproject.toml" in second
    assert "--no-deps --no-build-isolation ." in own
    assert "pip install" not in STAGES[-1]


def test_it_tells_its_health_by_the_port_of_rays_agents() -> None:
    from ray._private.ray_constants import DEFAULT_DASHBOARD_AGENT_LISTEN_PORT

    assert f"http://127.0.0.1:{DEFAULT_DASHBOARD_AGENT_LISTEN_PORT}/api/healthz" in STAGES[-1]


@pytest.mark.slow
@needs_linters
def test_hadolint() -> None:
    """Of that which AWS has on top as well."""
    judged("hadolint", FOLDER / "Dockerfile", CLUSTERS / "aws" / "Dockerfile")
