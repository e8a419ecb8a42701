"""Specs that nobody should send: each is refused in one line that names the field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from secateur.errors import SpecError
from secateur.spaces import Range
from secateur.spec import JobSpec, load

JOB = {"name": "job", "data": {"kind": "digits"}}
GAN = {"name": "job", "task": "generation", "data": {"kind": "digits"}}
MLP = {"kind": "mlp"}
FOLDER = {"kind": "image-folder", "root": "/images"}


def refused(path: Path) -> str:
    """The line that a file is refused with."""
    with pytest.raises(SpecError) as error:
        load(path)
    line = str(error.value)
    assert "\n" not in line
    assert len(line) < 500
    return line


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"serach": {}}, "serach"),
        ({"search": {"trails": 4}}, "search.trails"),
        ({"data": {"kind": "digits", "path": "/etc/passwd"}}, "data.path"),
        ({"data": {"kind": "digit"}}, "data"),
        ({"data": "digits"}, "data"),
        ({"data": None}, "data"),
        ({"search": []}, "search"),
        ({"search": {"trials": "many"}}, "search.trials"),
        ({"search": {"trials": 2.5}}, "search.trials"),
        ({"search": {"trials": 0}}, "search.trials"),
        ({"search": {"trials": -1}}, "search.trials"),
        ({"search": {"trials": 10**9}}, "search.trials"),
        ({"search": {"parallel": 10**6}}, "search.parallel"),
        ({"search": {"epochs": 10**9}}, "search.epochs"),
        ({"search": {"networks": [MLP | {"width": 10**7}]}}, "search.networks.0"),
        ({"search": {"networks": [MLP | {"depth": 10**6}]}}, "search.networks.0"),
        ({"search": {"networks": [MLP | {"width": list(range(1, 2000))}]}}, "search.networks.0"),
        ({"search": {"networks": [MLP] * 2}}, "search.networks"),
        ({"search": {"networks": [{"kind": "../mlp"}]}}, "search.networks.0"),
        ({"search": {"networks": [MLP | {"width": True}]}}, "search.networks.0"),
        ({"search": {"recipe": {"batch_size": 10**9}}}, "search.recipe.batch_size"),
        ({"search": {"recipe": {"learning_rate": float("nan")}}}, "search.recipe.learning_rate"),
        ({"search": {"recipe": {"learning_rate": float("inf")}}}, "search.recipe.learning_rate"),
        (
            {"search": {"recipe": {"learning_rate": {"low": 0.1, "high": float("inf")}}}},
            "search.recipe.learning_rate",
        ),
        ({"search": {"min_accuracy": float("nan")}}, "search.min_accuracy"),
        ({"search": {"budget": {"minutes": float("inf")}}}, "search.budget.minutes"),
        ({"search": {"budget": {"cpu_hours": float("nan")}}}, "search.budget.cpu_hours"),
        ({"search": {"warm_start": "../other"}}, "search.warm_start"),
        ({"search": {"teacher": {"model": "models/dense"}}}, "search.teacher.model"),
        ({"prune": {"targets": [float("nan")]}}, "prune.targets"),
        ({"prune": {"targets": [number / 1000 for number in range(1, 500)]}}, "prune.targets"),
        ({"prune": {"episodes": 10**12}}, "prune.episodes"),
        ({"prune": {"seeds": 10**6}}, "prune.seeds"),
        ({"prune": {"gpus": -1}}, "prune.gpus"),
        ({"prune": {"reward_images": 10**12}}, "prune.reward_images"),
        ({"prune": {"agent": {"runners": 10**6}}}, "prune.agent.runners"),
        ({"prune": {"agent": {"hidden": [10**7]}}}, "prune.agent.hidden"),
        ({"prune": {"agent": {"hidden": [8] * 1000}}}, "prune.agent.hidden"),
        ({"prune": {"agent": {"imagined": 10**9}}}, "prune.agent.imagined"),
        ({"prune": {"agent": {"start_from": ""}}}, "prune.agent.start_from"),
        ({"finetune": {"epochs": 10**9}}, "finetune.epochs"),
        ({"limits": {"memory_gb": float("nan")}}, "limits.memory_gb"),
        ({"limits": {"silence_seconds": 0}}, "limits.silence_seconds"),
        ({"show": 10**6}, "show"),
        ({"seed": 2**63}, "seed"),
        ({"seed": -1}, "seed"),
        ({"data": {"kind": "arithmetic", "pairs": 10**12}}, "data.pairs"),
        ({"data": {"kind": "arithmetic", "high": float("inf")}}, "data.high"),
        ({"data": {"kind": "arithmetic", "high": 1e300}}, "data.high"),
        ({"data": {"kind": "microstructures", "images": 10**12}}, "data.images"),
        ({"data": {"kind": "motors", "signals": 10**12}}, "data.signals"),
        ({"data": {"kind": "image-folder", "root": "/x", "size": [10**6, 10**6]}}, "data.size"),
        ({"data": {"kind": "arrays"}}, "data.path"),
        ({"publish": {"name": "a/b"}}, "publish.name"),
        ({"publish": {"alias": "master"}}, "publish.alias"),
    ],
)
def test_a_field_is_named(change: dict[str, Any], field: str, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(JOB | change), encoding="utf-8")
    assert refused(tmp_path / "job.yaml").startswith(field)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"data": "digits"}, "data: 'digits' is not usable; expected {kind: digits}"),
        ({"data": {}}, "data: {} is not usable; expected a mapping whose 'kind' is one of digits,"),
        (
            {"data": {"kind": "image-folder", "root": 3}},
            "data.root: 3 is not usable; expected a pa",
        ),
        ({"search": 3}, "search: 3 is not usable; expected a mapping"),
        ({"search": {"trials": "many"}}, "search.trials: 'many' is not usable; expected a whole n"),
        ({"search": {"networks": "lenet"}}, "'lenet' is not usable; expected a list of mappings, "),
        ({"search": {"networks": ["lenet"]}}, "'lenet' is not usable; expected {kind: lenet}"),
        (
            # "low" is missing because it is misspelt.
            {"search": {"recipe": {"learning_rate": {"lo": 0.1, "high": 1}}}},
            "search.recipe.learning_rate.lo: 'lo' is not usable; expected 'low' (nearest",
        ),
        ({"search": {"networks": [{"kind": "vae"}]}}, "expected 'task: generation' at the top"),
        ({"prune": {"targets": 0.5}}, "prune.targets: 0.5 is not usable; expected a list, such as"),
        ({"prune": {"targets": [50]}}, "50 is not usable; expected less than 1, as 0.5 for 50 %"),
        ({"prune": {"gpus": 2}}, "prune.gpus: 2 is not usable; expected less than or equal to 1"),
        ({"prune": {"race": "maybe"}}, "prune.race: 'maybe' is not usable; expected true or false"),
        ({"prune": {"stages": {"finetune": 3}}}, "finetune: 3 is not usable; expected a mapping"),
        (
            {"prune": {"agent": {"hidden": []}}},
            "hidden: [] is not usable; expected at least 1 item",
        ),
        ({"publish": {"min_accuracy": 95}}, "less than or equal to 1, as 0.95 for 95 %"),
        (
            {"prune": {"targets": ["50%"]}},
            "targets.0: '50%' is not usable; expected a number, as 0.",
        ),
        ({"prune": {"targets": ["50 %"]}}, "expected a number, as 0.5 for 50 %"),
        (
            {"prune": {"targets": ["1.2.3%"]}},
            "targets.0: '1.2.3%' is not usable; expected a number",
        ),
        (
            {"prune": False},
            "prune: False is not usable; expected a mapping, as {targets: ...}, or nu",
        ),
        ({"search": {"budget": 10}}, "expected a mapping, as {minutes: ...}, or null"),
        (
            {"search": {"trials": True}},
            "search.trials: True is not usable; expected a number, which t",
        ),
        (
            {"search": {"gpus": True}},
            "search.gpus: True is not usable; expected a number, which true,",
        ),
        ({"prune": {"budget": {"minutes": True}}}, "prune.budget.minutes: True is not usable; exp"),
        (
            {"show": True},
            "show: True is not usable; expected a number, which true, yes and on are n",
        ),
        (
            {"data": FOLDER | {"size": 32}},
            "data.size: 32 is not usable; expected [height, width] in pixels",
        ),
        (
            {"data": FOLDER | {"size": [32]}},
            "data.size: [32] is not usable; expected [height, width] in pixe",
        ),
        (
            {"data": FOLDER | {"size": "32x32"}},
            "data.size: '32x32' is not usable; expected [height, width] in",
        ),
        ({"name": 7}, "name: 7 is not usable; expected text, in quotes"),
        ({"name": "My Job"}, "name: 'My Job' is not usable; expected at most 64 lower-case lett"),
    ],
)
def test_what_would_be_right_is_said_in_plain_words(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(JOB | change), encoding="utf-8")
    assert said in refused(tmp_path / "job.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "job.yaml: No such file or directory; expected a readable YAML file"),
        ("", "job.yaml: holds nothing; expected a mapping with at least 'name' and 'data'"),
        (
            "# later\n",
            "job.yaml: holds nothing; expected a mapping with at least 'name' and 'data'",
        ),
        ("name: a\n\tseed: 1\n", "cannot start any token, line 2; expected valid YAML"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(text: str | None, said: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    assert refused(tmp_path / "job.yaml").endswith(said)


def test_what_may_be_true_or_false_still_is(tmp_path: Path) -> None:
    parts = {"search": {"augment": True}, "prune": {"race": False}, "publish": {"int8": False}}
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(JOB | parts), encoding="utf-8")
    spec = load(tmp_path / "job.yaml")
    assert isinstance(spec, JobSpec)
    assert spec.prune is not None
    assert (spec.search.augment, spec.prune.race, spec.publish.int8) == (("shift",), False, False)


def test_numbers_may_be_written_with_an_exponent_alone(tmp_path: Path) -> None:
    # YAML 1.1, and with it PyYAML, takes 1e-3 for text, and 1.0e-3 for a number.
    recipe = "{learning_rate: [1e-3, 2.E-2, 1.0e-3], weight_decay: {low: 1e-6, high: 1e-2}}"
    job = f"name: job\ndata: {{kind: digits}}\nsearch: {{recipe: {recipe}}}\n"
    (tmp_path / "job.yaml").write_text(job, encoding="utf-8")
    spec = load(tmp_path / "job.yaml")
    assert isinstance(spec, JobSpec)
    assert spec.search.recipe.learning_rate == (0.001, 0.02, 0.001)
    assert spec.search.recipe.weight_decay == Range(low=1e-6, high=1e-2)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"task": "classification"}, "task"),
        ({"search": {"images": 10**9}}, "search.images"),
        ({"search": {"steps": 10**12}}, "search.steps"),
        ({"search": {"seconds": float("inf")}}, "search.seconds"),
        ({"search": {"networks": [{"kind": "dcgan", "latent": 10**9}]}}, "search.networks.0"),
        ({"recover": {"steps": 10**12}}, "recover.steps"),
        ({"finetune": {"epochs": 2}}, "finetune"),
    ],
)
def test_a_field_of_a_generative_job_is_named(
    change: dict[str, Any], field: str, tmp_path: Path
) -> None:
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(GAN | change), encoding="utf-8")
    assert refused(tmp_path / "job.yaml").startswith(field)


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "../a", "..", ".hidden", "-rf", "A", "a b", "a\n", "é", "a" * 65, "a" * 300, "a\0"],
)
def test_a_name_is_one_that_can_be_a_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(JOB | {"name": name}), encoding="utf-8")
    assert refused(tmp_path / "job.yaml").startswith("name: ")


@pytest.mark.parametrize("name", ["mlflow.db", "mlartifacts", "served"])
def test_a_name_is_none_that_the_home_has_for_itself(name: str, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(yaml.safe_dump(JOB | {"name": name}), encoding="utf-8")
    assert refused(tmp_path / "job.yaml").startswith(f"name: '{name}'")


@pytest.mark.parametrize(
    "text", ["1: 2\nname: job\n", "null: 1\n", "yes: 1\n", "name: [[[[1]]]]\n", "name: 2026-01-01"]
)
def test_odd_mappings_are_no_jobs(text: str, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    refused(tmp_path / "job.yaml")
