from __future__ import annotations

import subprocess
import sys
from typing import get_args

from agents.registry import KINDS
from secateur.spec import AgentSpec


def test_every_kind_of_spec_has_an_agent() -> None:
    union, *_ = get_args(AgentSpec)
    kinds = [spec.model_fields["kind"].default for spec in get_args(union)]
    assert sorted(kinds) == sorted(KINDS)


def test_importing_the_registry_loads_no_agent() -> None:
    script = "import sys, agents.registry; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert {"ray", "optuna"} & set(done.stdout.split()) == set()
