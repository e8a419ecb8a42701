"""Specs of generative jobs: what is told apart, what is refused, and in which words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from secateur.errors import SpecError
from secateur.spaces import GenerativeRecipeSpace, GeneratorSpace, dimensions, generators
from secateur.spec import (
    GenerationSpec,
    GenerativePublishSpec,
    GenerativeSearchSpec,
    GeneratorRecoverySpec,
    JobSpec,
    load,
    parse,
)

GUIDE = (Path(__file__).parents[2] / "docs" / "generation.md").read_text(encoding="utf-8")
BASE: dict[str, Any] = {"name": "gan", "task": "generation", "data": {"kind": "digits"}}


def generative(**fields: Any) -> GenerationSpec:
    spec = parse(BASE | fields)
    assert isinstance(spec, GenerationSpec)
    return spec


def test_the_task_tells_the_kinds_of_jobs_apart(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump(BASE))
    assert isinstance(load(path), GenerationSpec)
    path.write_text(yaml.safe_dump({"name": "digits", "data": {"kind": "digits"}}))
    assert isinstance(load(path), JobSpec)


def test_a_job_needs_a_name_a_task_and_data_alone() -> None:
    spec = generative()
    assert spec.model_name == "gan"
    assert [space.kind for space in spec.search.networks] == ["dcgan"]
    assert spec.search.most == 16
    assert spec.stages == ("search", "prune", "recover", "evaluate", "publish")


def test_pruning_and_with_it_recovery_can_be_left_out() -> None:
    assert generative(prune=None).stages == ("search", "evaluate", "publish")
    assert generative(prune=None, recover=None).recover is None


def test_a_name_of_its_own_for_the_model() -> None:
    assert generative(publish={"name": "digits"}).model_name == "digits"


def test_a_spec_round_trips_through_json() -> None:
    spec = generative(search={"networks": [{"kind": "vae", "latent": [8, 16]}], "seconds": 30})
    assert GenerationSpec.model_validate_json(spec.model_dump_json()) == spec
    assert parse(spec.model_dump(mode="json")) == spec


def test_every_family_can_be_named() -> None:
    kinds = [space.model_fields["kind"].default for space in get_args(get_args(GeneratorSpace)[0])]
    assert {"mlp-gan", "dcgan", "vae", "vae-gan", "diffusion"} <= set(kinds)
    spec = generative(search={"networks": [{"kind": kind} for kind in kinds]})
    assert [space.kind for space in spec.search.networks] == kinds


def test_a_budget_alone_bounds_the_search() -> None:
    spec = generative(search={"budget": {"minutes": 5}})
    assert (spec.search.trials, spec.search.told()) == (None, "5 minutes")


def test_a_grid_counts_its_points() -> None:
    recipe = {"learning_rate": [0.001, 0.002], "loss": ["non-saturating", "least-squares"]}
    networks = [{"kind": "dcgan", "width": [8, 16, 32], "critic_width": 16}]
    spec = generative(
        search={"sampler": "grid", "trials": None, "networks": networks, "recipe": recipe,
                "budget": {"minutes": 5}}
    )  # fmt: skip
    # 3 widths, 2 rates and 2 losses.
    assert spec.search.most == 12


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"task": "generatoin"}, "task: 'generatoin' is not usable; expected 'generation'"),
        ({"search": {"netwoks": []}}, "expected 'networks' (nearest known name)"),
        ({"search": {"networks": [{"kind": "dcgn"}]}}, "search.networks.0: 'dcgn'"),
        ({"search": {"networks": []}}, "at least one family, each named once"),
        ({"search": {"networks": [{"kind": "dcgan", "width": 0}]}}, "search.networks.0.width: 0"),
        ({"search": {"recipe": {"loss": "wassertein"}}}, "expected 'wasserstein'"),
        ({"search": {"recipe": {"critic_rate": -1}}}, "search.recipe.critic_rate: -1"),
        ({"search": {"sampler": "nsga2"}}, "search.sampler: 'nsga2'"),
        ({"search": {"steps": 0}}, "search.steps: 0"),
        ({"search": {"seconds": 0}}, "search.seconds: 0"),
        ({"search": {"interval": 0}}, "search.interval: 0"),
        ({"search": {"judge_every": 0}}, "search.judge_every: 0"),
        ({"search": {"images": 99}}, "search.images: 99"),
        ({"search": {"trials": None}}, "search.trials: None"),
        ({"search": {"sampler": "grid"}}, "a list of values for learning_rate"),
        ({"data": {"kind": "arithmetic"}}, "data.kind: 'arithmetic'"),
        ({"prune": None, "publish": {"min_flops_cut": 0.3}}, "publish.min_flops_cut: 0.3"),
        ({"recover": None}, "recover: None is not usable; expected a recovery"),
        ({"finetune": {}}, "finetune: 'finetune' is not usable"),
        ({"publish": {"max_distance_ratio": 0.5}}, "publish.max_distance_ratio: 0.5"),
        ({"show": -1}, "show: -1"),
        ({"data": {"kind": "motors"}, "show": 4}, "show: 4 is not usable; expected 0 for motors"),
        (
            {"search": {"recipe": {"loss": "wasserstein", "label_smoothing": 0.1}}},
            "search.recipe.label_smoothing: 0.1 is not usable; expected 0 with the loss",
        ),
    ],
)
def test_what_cannot_be_used_is_named(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse(BASE | fields)
    assert told in str(refused.value)


def test_the_guide_is_sound() -> None:
    whole, part = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert isinstance(parse(yaml.safe_load(whole)), GenerationSpec)
    wgan = generative(**yaml.safe_load(part))
    assert wgan.search.recipe.constraint == "gradient-penalty"


@pytest.mark.parametrize("kind", sorted(generators()))
def test_the_guide_lists_every_dimension(kind: str) -> None:
    (row,) = re.findall(rf"^\| `{kind}` \| (.*) \|$", GUIDE, re.MULTILINE)
    assert set(dimensions(generators()[kind]())) == set(re.findall(r"`(\w+)`", row))


def test_the_guide_lists_every_field() -> None:
    listed = set(re.findall(r"`(?:search\.|publish\.|recover\.)?(\w+)`", GUIDE))
    assert set(dimensions(GenerativeRecipeSpace())) <= listed
    for part in (GenerativeSearchSpec, GenerativePublishSpec, GeneratorRecoverySpec):
        assert set(part.model_fields) <= listed | {"networks", "recipe"}


def test_other_jobs_have_no_task() -> None:
    with pytest.raises(SpecError, match="other jobs have no such field"):
        parse({"name": "digits", "task": "classification", "data": {"kind": "digits"}})


def test_a_recipe_varies_what_a_generative_recipe_has() -> None:
    from secateur.records import GenerativeRecipe

    assert set(dimensions(GenerativeRecipeSpace())) <= set(GenerativeRecipe.model_fields)
