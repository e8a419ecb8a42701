from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from secateur import gpus, provenance
from secateur.machine_load import MachineLoad
from secateur.process_tree import ProcessTree
from secateur.records import Account, Commit, Spent


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one commit of one file."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for person in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{person}_NAME", "somebody")
        monkeypatch.setenv(f"GIT_{person}_EMAIL", "somebody@example.org")
    file = tmp_path / "package" / "__init__.py"
    file.parent.mkdir()
    file.write_text("")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    return file


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_of_a_checkout(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = git(checkout.parent, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert provenance.commit(checkout) == Commit(id=head, dirty=False)
    (checkout.parent / "notes.txt").write_text("not tracked")
    assert provenance.commit(checkout) == Commit(id=head, dirty=False)
    checkout.write_text("changed = True\n")
    assert provenance.commit(checkout) == Commit(id=head, dirty=True)


def test_an_environment_inside_of_a_checkout_has_no_commit(checkout: Path) -> None:
    installed = checkout.parent / "site-packages" / "__init__.py"
    installed.parent.mkdir()
    installed.write_text("")
    assert provenance.commit(installed) is None


def test_without_git_there_is_no_commit(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance.commit(checkout) is None


def test_versions_and_machine() -> None:
    made = provenance.provenance()
    assert made.versions["python"] == platform.python_version()
    assert {"secateur", "torch", "ray", "mlflow", "onnxruntime"} < set(made.versions)
    assert made.machine.memory_bytes == psutil.virtual_memory().total
    assert made.machine.processor


@pytest.fixture
def two_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """NVIDIA's tool on a machine with two GPUs, the second of which tells less."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text(
        "#!/bin/sh\n"
        "echo 'NVIDIA H200, 37, 1024, 2048, 124.30'\n"
        "echo 'GRID T4-4Q, [N/A], 512, 4096, [N/A]'\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    gpus.names.cache_clear()
    yield
    gpus.names.cache_clear()


def test_gpus_by_name(two_gpus: None) -> None:
    assert provenance.machine().gpus == ("NVIDIA H200", "GRID T4-4Q")
    assert gpus.loads()[1] == gpus.GpuLoad("GRID T4-4Q", None, 512.0, 4096.0, None)


def test_a_machine_without_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert gpus.loads() == ()


def test_the_load_of_gpus(two_gpus: None, tmp_path: Path) -> None:
    load = MachineLoad(tmp_path).read()
    assert load["system/gpu_0_utilization_percentage"] == 37
    # 1,024 MiB are 1,073.7 million bytes, and half of the 2,048.
    assert load["system/gpu_0_memory_usage_megabytes"] == 1073.7
    assert load["system/gpu_0_memory_usage_percentage"] == 50
    assert load["system/gpu_0_power_usage_watts"] == 124.3
    assert load["system/gpu_1_memory_usage_percentage"] == 12.5
    assert "system/gpu_1_power_usage_watts" not in load


def test_names_of_the_load_are_those_of_mlflow(tmp_path: Path, two_gpus: None) -> None:
    from mlflow.system_metrics.metrics import (
        cpu_monitor,
        disk_monitor,
        gpu_monitor,
        network_monitor,
    )

    known = set()
    for monitor in (
        cpu_monitor.CPUMonitor(), disk_monitor.DiskMonitor(), network_monitor.NetworkMonitor()
    ):  # fmt: skip
        monitor.collect_metrics()
        known |= {f"system/{name}" for name in monitor.aggregate_metrics()}
    load = set(MachineLoad(tmp_path).read())
    source = Path(gpu_monitor.__file__).read_text(encoding="utf-8")
    ours = {name for name in load if "gpu_" not in name}
    assert ours == known
    for name in load - ours:
        assert name.removeprefix("system/").replace("gpu_0", "gpu_{i}").replace(
            "gpu_1", "gpu_{i}"
        ) in source, name  # fmt: skip


def test_processor_time_of_the_dead_counts() -> None:
    tree = ProcessTree()
    before = tree.cpu_seconds()
    burn = (
        "import time\n"
        "while time.process_time() < 0.5: pass\n"
        "print('done', flush=True); input()"
    )  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "done\n"
        alive = tree.cpu_seconds()
        child.communicate("\n")
    # The kernel counts in hundredths of a second.
    assert alive - before >= 0.48
    assert tree.cpu_seconds() >= alive


def test_what_was_spent_adds_up() -> None:
    account = Account().plus("search", Spent(seconds=10, cpu_seconds=20))
    account = account.plus("search", Spent(seconds=20, cpu_seconds=16)).plus(
        "prune", Spent(seconds=6, gpu_seconds=3)
    )
    assert account.stages["search"] == Spent(seconds=30, cpu_seconds=36)
    # 36 s of wall clock, 36 of CPU and 3 of GPU: hundredths of an hour and less.
    assert account.total.hours == pytest.approx((0.01, 0.01, 1 / 1200))
    assert Account.from_json(account.model_dump_json()) == account
