from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from secateur.errors import SpecError
from secateur.spaces import MLPSpace, NetworkSpace, Range, RecipeSpace, dimensions, ends
from secateur.spec import (
    DDPGSpec,
    FinetuneSpec,
    JobSpec,
    PruneSpec,
    ReinitialiseSpec,
    RewindSpec,
    load,
    parse,
)

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(set(FOLDER.glob("*.yaml")) - {FOLDER / "server.yaml", FOLDER / "gateway.yaml"})
BASE: dict[str, Any] = {"name": "job", "data": {"kind": "digits"}}
SUMS: dict[str, Any] = {"data": {"kind": "arithmetic"}}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_sound_job(path: Path) -> None:
    assert load(path).name


def test_a_job_needs_a_name_and_data_alone() -> None:
    spec = parse(BASE)
    assert spec.model_name == "job"
    assert spec.prune == PruneSpec(targets=(0.5, 0.75))


def test_pruning_can_be_left_out() -> None:
    assert parse(BASE | {"prune": None}).prune is None
    assert parse(BASE | {"prune": None, "finetune": None}).finetune is None


def test_the_digest_follows_the_content() -> None:
    assert parse(BASE).digest == parse(dict(reversed(BASE.items()))).digest
    assert parse(BASE).digest != parse(BASE | {"seed": 1}).digest


def test_a_spec_round_trips_through_json() -> None:
    spec = parse(BASE | {"search": {"networks": [{"kind": "mlp", "depth": {"low": 1, "high": 2}}]}})
    assert JobSpec.model_validate_json(spec.model_dump_json()) == spec


def test_every_family_can_be_named() -> None:
    kinds = [space.model_fields["kind"].default for space in get_args(get_args(NetworkSpace)[0])]
    assert len(kinds) == 13
    spec = parse(BASE | {"search": {"networks": [{"kind": kind} for kind in kinds]}})
    assert [space.kind for space in spec.search.networks] == kinds


REFUSED = [
    ({"naem": 1}, "naem", "'name'"),
    ({"name": "A b"}, "name", "lower-case letters"),
    ({"seed": -1}, "seed", "greater than or equal to 0"),
    ({"data": {"kind": "digts"}}, "data", "'digits' (nearest known name)"),
    ({"data": {"kind": "digits", "limt": 3}}, "data.limt", "'limit'"),
    ({"data": {"kind": "image-folder"}}, "data.root", "a value"),
    ({"data": {"kind": "image-folder", "root": "a", "mode": "grey"}}, "data.mode", "'gray'"),
    ({"search": {"recipe": {"schedule": "cosin"}}}, "search.recipe.schedule", "'cosine'"),
    ({"search": {"recipe": {"loss": ["mse", "msee"]}}}, "search.recipe.loss", "'mse'"),
    ({"search": {"recipe": {"patience": -1}}}, "search.recipe.patience", "[0, 10000]"),
    (
        {"search": {"recipe": {"learning_rate": None}}},
        "search.recipe.learning_rate",
        "a value, a list of values or {low, high}",
    ),
    ({"search": {"recipe": {"learning_rate": math.inf}}}, "search.recipe.learning_rate", "finite"),
    ({"search": {"recipe": {"weight_decay": [0, [1]]}}}, "search.recipe.weight_decay.1", "a value"),
    (
        {"search": {"recipe": {"learning_rate": {"low": "a", "high": 1}}}},
        "search.recipe.learning_rate.low",
        "a number",
    ),
    ({"search": {"recipe": {"precision": "float16"}}}, "search.recipe.precision", "'bfloat16'"),
    (
        {"search": {"networks": [{"kind": "vgg", "start": "fine-tuning"}]}},
        "search.networks.0",
        "weights to begin with",
    ),
    (
        {"search": {"networks": [{"kind": "vgg", "weights": "/a", "start": "scratch"}]}},
        "search.networks.0",
        "no weights",
    ),
    (
        {"search": {"networks": [{"kind": "vgg", "weights": "/a", "top_layers": 2}]}},
        "search.networks.0",
        "start 'top-layers'",
    ),
    (
        {"search": {"teacher": {"model": "runs/mnist/models/dense"}}},
        "search.teacher.model",
        "absolute",
    ),
    ({"search": {"teacher": {"model": "/a"}}, "finetune": "rewind"}, "search.teacher", "rewind"),
    ({"finetune": None}, "finetune", "null for prune as well"),
    ({"prune": None, "publish": {"min_flops_cut": 0.5}}, "publish.min_flops_cut", "0 where prune"),
    (SUMS | {"search": {"recipe": {"loss": "bce"}}}, "search.recipe.loss", "mse"),
    (
        SUMS | {"search": {"recipe": {"label_smoothing": [0.0, 0.1]}}},
        "search.recipe.label_smoothing",
        "no labels",
    ),
    (SUMS | {"search": {"augment": True}}, "search.augment", "of images"),
    (SUMS | {"show": 3}, "show", "0"),
    ({"search": {"trials": "many"}}, "search.trials", "a whole number"),
    ({"search": {"trials": 0}}, "search.trials", "greater than"),
    ({"search": {"trials": None}}, "search.trials", "where search.budget sets no bound"),
    ({"search": {"budget": {}}}, "search.budget", "minutes, cpu_hours or both"),
    ({"search": {"budget": {"minutes": 0}}}, "search.budget.minutes", "greater than 0"),
    ({"search": {"budget": {"cpu_hours": -1}}}, "search.budget.cpu_hours", "greater than 0"),
    ({"search": {"budget": {"minutes": math.nan}}}, "search.budget.minutes", "finite"),
    ({"search": {"budget": {"minuts": 3}}}, "search.budget.minuts", "'minutes'"),
    ({"search": {"budget": 30}}, "search.budget", "a mapping"),
    ({"prune": {"budget": {}}}, "prune.budget", "minutes, cpu_hours or both"),
    ({"prune": {"budget": {"minutes": math.inf}}}, "prune.budget.minutes", "finite"),
    ({"prune": {"budget": {"cpu_hours": "one"}}}, "prune.budget.cpu_hours", "number"),
    ({"search": {"networks": []}}, "search.networks", "at least one family"),
    ({"search": {"networks": [{"kind": "lennet"}]}}, "search.networks.0", "'lenet'"),
    ({"search": {"networks": [{"kind": "inceptoin"}]}}, "search.networks.0", "'inception'"),
    (
        {"search": {"networks": [{"kind": "vgg", "normalisation": "batch"}]}},
        "search.networks.0.normalisation",
        "'normalization' (nearest known name)",
    ),
    (
        {"search": {"networks": [{"kind": "vgg", "depth": [16, 17]}]}},
        "search.networks.0.depth",
        "values out of 11, 13, 16, 19, not 17",
    ),
    (
        {"search": {"networks": [{"kind": "vgg", "depth": {"low": 11, "high": 19}}]}},
        "search.networks.0.depth",
        "a list of values out of 11, 13, 16, 19, not a range",
    ),
    (
        {"search": {"networks": [{"kind": "resnet-imagenet", "normalization": "none"}]}},
        "search.networks.0.normalization",
        "one of batch, layer",
    ),
    (
        {"search": {"networks": [{"kind": "densenet", "weights": "densenet121.pth"}]}},
        "search.networks.0.weights",
        "an absolute path",
    ),
    (
        {"search": {"networks": [{"kind": "mlp", "depth": [0]}]}},
        "search.networks.0.depth",
        "values in [1, 16], not 0",
    ),
    (
        {"search": {"networks": [{"kind": "mlp", "depth": {"low": 3, "high": 2}}]}},
        "search.networks.0.depth",
        "low not above high",
    ),
    (
        {"search": {"networks": [{"kind": "mlp", "depth": {"lwo": 3, "high": 2}}]}},
        "search.networks.0.depth.lwo",
        "'low' (nearest known name)",
    ),
    (
        {"search": {"recipe": {"learning_rate": {"low": 0, "high": 1, "log": True}}}},
        "search.recipe.learning_rate",
        "low above 0 in a log range",
    ),
    ({"search": {"recipe": {"optimizer": "adm"}}}, "search.recipe.optimizer", "'adam'"),
    ({"search": {"recipe": {"learning_rate": "x"}}}, "search.recipe.learning_rate", "numbers"),
    ({"search": {"sampler": "nsga"}}, "search.sampler", "'nsga2'"),
    ({"search": {"min_accuracy": 1.5}}, "search.min_accuracy", "less than or equal to 1"),
    ({"search": {"max_accuracy_drop": -1}}, "search.max_accuracy_drop", "greater than or equal"),
    ({"search": {"warm_start": "../x"}}, "search.warm_start", "lower-case letters"),
    (
        {
            "search": {
                "sampler": "grid",
                "warm_start": "x",
                "trials": 1,
                "recipe": {"learning_rate": 0.1, "weight_decay": 0.0},
            }
        },
        "search",
        "no warm_start",
    ),
    ({"search": {"augment": ["flip"]}}, "search.augment.0", "'shift' or 'mirror'"),
    ({"search": {"augment": ["shift", "shift"]}}, "search.augment", "each once"),
    ({"data": {"kind": "arrays"}}, "data.path", "a value"),
    (
        {"data": {"kind": "image-folder", "root": ".", "on_error": "skp"}},
        "data.on_error",
        "'fail' or 'skip'",
    ),
    ({"prune": {"targets": []}}, "prune.targets", "at least one target"),
    ({"prune": {"targets": [0.7, 0.5]}}, "prune.targets", "ascending"),
    ({"prune": {"targets": [1.5]}}, "prune.targets.0", "less than 1"),
    ({"prune": {"parameters": 1.5}}, "prune.parameters", "less than 1"),
    ({"prune": {"parameters": "many"}}, "prune.parameters", "number"),
    # (1 - 0.98)^2 of the FLOPs stay at the least: 0.9996 can go.
    ({"prune": {"targets": [0.9999]}}, "prune", "targets up to 0.9996"),
    ({"prune": {"agent": {"noise_final": 0.9}}}, "prune.agent", "noise_final up to noise"),
    ({"prune": {"agent": {"noise": -1}}}, "prune.agent.noise", "greater than 0"),
    ({"prune": {"agent": "tep"}}, "prune.agent", "'tpe' (nearest known name)"),
    ({"prune": {"agent": {"kind": "bee"}}}, "prune.agent", "bee-colony"),
    ({"prune": {"agent": ["tpe"]}}, "prune.agent", "the name of an agent, or a mapping"),
    ({"prune": {"agent": {"kind": "tpe", "warmup": 0}}}, "prune.agent.warmup", "equal to 1"),
    ({"prune": {"agent": {"kind": "sac", "entropie": 1}}}, "prune.agent.entropie", "'entropy'"),
    ({"prune": {"agent": {"kind": "uniform", "warmup": 1}}}, "prune.agent.warmup", "kind"),
    ({"prune": {"agent": {"kind": "ppo", "actions": "rel"}}}, "prune.agent.actions", "'relative'"),
    ({"finetune": "rewnd"}, "finetune", "'rewind' (nearest known name)"),
    ({"finetune": {"method": "rewind", "epochs": 3}}, "finetune.epochs", "method"),
    ({"finetune": {"method": "rewind", "rewind_to": 1}}, "finetune.rewind_to", "less than 1"),
    ({"finetune": {"epochz": 3}}, "finetune.epochz", "'epochs'"),
    ({"finetune": {"distillation": 2}}, "finetune.distillation", "less than or equal to 1"),
    ({"finetune": 3}, "finetune", "the name of a method, or a mapping"),
    (
        {"prune": {"stages": {"finetune": {"method": "rewind"}}}},
        "prune.stages.finetune.method",
        "'finetune'",
    ),
    ({"publish": {"max_accuracy_drop": 2}}, "publish.max_accuracy_drop", "less than"),
    ({"publish": {"int8": "minmax"}}, "publish.int8", "true or false"),
    ({"publish": {"alias": "latest"}}, "publish.alias", "'champion' or 'challenger'"),
]


def test_augmentations_are_names_or_a_yes_or_no() -> None:
    given = (True, False, "mirror", ["shift", "mirror"])
    found = [parse(BASE | {"search": {"augment": value}}).search.augment for value in given]
    assert found == [("shift",), (), ("mirror",), ("shift", "mirror")]
    assert parse(BASE).search.augment == ()


def test_an_agent_may_be_given_by_its_name() -> None:
    named = parse(BASE | {"prune": {"agent": "tpe"}})
    assert named == parse(BASE | {"prune": {"agent": {"kind": "tpe"}}})
    assert named.prune.agent.kind == "tpe"


def test_settings_without_a_kind_are_those_of_the_default_agent() -> None:
    agent = parse(BASE | {"prune": {"agent": {"noise": 0.7}}}).prune.agent
    assert (agent.kind, agent) == (PruneSpec().agent.kind, DDPGSpec(noise=0.7))


def test_settings_without_a_method_are_those_of_the_finetune() -> None:
    assert parse(BASE | {"finetune": {"epochs": 3}}).finetune == FinetuneSpec(epochs=3)
    assert parse(BASE | {"finetune": "reinitialise"}).finetune == ReinitialiseSpec()
    rewound = parse(BASE | {"finetune": {"method": "rewind", "rewind_to": 0.2}})
    assert rewound.finetune == RewindSpec(rewind_to=0.2)
    assert JobSpec.model_validate_json(rewound.model_dump_json()) == rewound


@pytest.mark.parametrize(("change", "field", "expected"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_bad_field_is_named_with_what_would_be_right(
    change: dict[str, Any], field: str, expected: str
) -> None:
    with pytest.raises(SpecError) as caught:
        parse(BASE | change)
    assert caught.value.field == field
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name: [", "valid YAML"),
        ("- 1", "a mapping"),
        ("", "a mapping"),
        ("!!python/object/apply:os.getcwd []", "valid YAML"),
    ],
)
def test_a_file_that_is_no_job(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(content)
    with pytest.raises(SpecError, match=expected) as caught:
        load(path)
    assert caught.value.field == str(path)


def test_an_absent_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="No such file"):
        load(tmp_path / "none.yaml")


def test_ends_of_dimensions() -> None:
    assert ends(Range(low=1, high=3)) == (1, 3)
    assert ends((4, 2)) == (4, 2)
    assert ends("relu") == ("relu",)


@pytest.mark.parametrize("space", [MLPSpace(), RecipeSpace()])
def test_default_dimensions_are_valid_themselves(space: MLPSpace | RecipeSpace) -> None:
    # Pydantic does not validate defaults; passing them in does.
    assert type(space).model_validate(dimensions(space)) == space


@pytest.mark.parametrize(
    ("search", "most", "told"),
    [
        ({}, 16, "16 trials"),
        ({"trials": 24}, 24, "24 trials"),
        ({"budget": {"minutes": 30}}, None, "30 minutes"),
        (
            {"trials": 24, "budget": {"minutes": 30, "cpu_hours": 1.5}},
            24,
            "at most 24 trials, 30 minutes or 1.5 CPU-hours",
        ),
    ],
)
def test_a_search_is_bounded_by_trials_or_time(
    search: dict[str, object], most: int | None, told: str
) -> None:
    spec = parse({"name": "a", "data": {"kind": "digits"}, "search": search})
    assert (spec.search.most, spec.search.told()) == (most, told)
    # A spec that was kept comes back as it was.
    assert JobSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_grid_ends_by_itself_within_its_budget() -> None:
    networks = [{"kind": "perceptron", "dropout": [0.0, 0.1, 0.2]}]
    recipe = {"learning_rate": [0.1, 0.01], "optimizer": "adam", "weight_decay": 0.0}
    search = {"sampler": "grid", "networks": networks, "recipe": recipe | {"batch_size": 32}}
    spec = parse(
        {
            "name": "a",
            "data": {"kind": "digits"},
            "search": search | {"budget": {"minutes": 5}},
            "prune": None,
        }
    )
    assert spec.search.trials is None
    assert spec.search.most == 6


GUIDE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.+?)```", GUIDE, re.DOTALL))
def test_every_job_of_the_guide_is_sound(block: str) -> None:
    assert parse(yaml.safe_load(block)).name
