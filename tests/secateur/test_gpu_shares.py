"""What specs may say of GPUs."""

from __future__ import annotations

from typing import Any

import pytest

from secateur.errors import SpecError
from secateur.spec import parse

BASE: dict[str, Any] = {"name": "job", "data": {"kind": "digits"}}
GENERATION: dict[str, Any] = BASE | {"task": "generation"}


def test_shares_of_all_stages() -> None:
    stages = {"search": {"gpus": 0.25}, "prune": {"gpus": 1}, "finetune": {"gpus": 0.5}}
    spec = parse(BASE | stages)
    assert (spec.search.gpus, spec.prune.gpus, spec.finetune.gpus) == (0.25, 1, 0.5)
    generator = parse(GENERATION | {"search": {"gpus": 0.25}, "recover": {"gpus": 0.5}})
    assert (generator.search.gpus, generator.recover.gpus) == (0.25, 0.5)


def test_nothing_asks_for_a_gpu_by_itself() -> None:
    spec = parse(BASE)
    assert (spec.search.gpus, spec.prune.gpus, spec.finetune.gpus) == (0, 0, 0)


@pytest.mark.parametrize("stage", ["search", "prune", "finetune"])
@pytest.mark.parametrize("share", [-0.5, 1.5, 0.001, float("nan"), "half", None])
def test_other_shares_are_refused(stage: str, share: object) -> None:
    with pytest.raises(SpecError, match=rf"^{stage}\.(finetune\.)?gpus"):
        parse(BASE | {stage: {"gpus": share}})


def test_fine_tunes_between_stages_have_no_share_of_their_own() -> None:
    with pytest.raises(SpecError, match=r"^prune\.stages\.finetune: .*prune\.gpus"):
        parse(BASE | {"prune": {"stages": {"finetune": {"gpus": 0.5}}}})
