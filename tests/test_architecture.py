"""Rules of the layout that imports alone can break."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("secateur", "agents", "search", "serving")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def loaded_after(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after a statement."""
    script = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import secateur, secateur.records, secateur.errors, secateur.manifest, secateur.spec",
        "import search.cli",
    ],
)
def test_light_modules_load_nothing_heavy(statement: str) -> None:
    heavy = {"torch", "ray", "mlflow", "optuna", "matplotlib", "onnxruntime"}
    assert loaded_after(statement) & heavy == set()


def test_the_registry_loads_without_torch() -> None:
    loaded = loaded_after("import secateur.tracking.registry")
    assert "mlflow" in loaded
    assert "torch" not in loaded


def test_agents_is_ours_and_no_module_that_mlflow_probes() -> None:
    import agents

    assert Path(agents.__file__).parent == ROOT / "agents"
    assert not (ROOT / "agents" / "run.py").exists()


def test_no_module_hides_one_of_the_standard_library() -> None:
    top_level = {path.stem for path in MODULES if path.stem != "__init__"}
    assert top_level & set(sys.stdlib_module_names) == set()


def test_what_python_starts_defines_no_class() -> None:
    """Workers would look for it in a module of that name, which is their own."""
    mains = [
        path
        for folder in (*PACKAGES, "benchmarks")
        for path in Path(ROOT, folder).rglob("__main__.py")
    ]
    assert mains
    assert [path for path in mains if "\nclass " in path.read_text()] == []


def test_nothing_logs_by_itself() -> None:
    assert [path for path in MODULES if "autolog" in path.read_text()] == []


def test_tests_are_no_package_and_definitions_of_clusters_no_code() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    assert list((ROOT / "clusters").rglob("*.py")) == []


def test_modules_stay_one_concept_long() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_the_tree_names_no_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lock = [name for name in listed.stdout.split() if name.endswith(".lock")]
    assert lock
    for name in lock:
        assert "://" not in (ROOT / name).read_text(), f"{name} holds an address"
