from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from search import footprint
from secateur.errors import SpecError
from secateur.models import generators, registry
from secateur.records import Architecture
from secateur.spec import LimitsSpec

WIDE = Architecture(
    name="mlp", arguments={"depth": 2, "width": 16384}, input_shape=(1, 8, 8), classes=10
)
"""Of 64 · 16384 + 16384² + 16384 · 10 weights and 2 · 16384 + 10 biases: 269,680,650, which with
gradients and moments, 16 bytes each, are 4.31 GB."""


def test_a_network_beyond_the_limits_is_refused() -> None:
    footprint.check(WIDE, "search.networks.0", LimitsSpec(memory_gb=4.4))
    with pytest.raises(SpecError) as error:
        footprint.check(WIDE, "search.networks.0", LimitsSpec(memory_gb=4.2))
    assert error.value.field == "search.networks.0"
    assert error.value.value == "mlp (depth 2, width 16384)"
    assert error.value.expected == (
        "a network to train in the 4.2 GB of limits.memory_gb: its 0.27 billion parameters "
        "take 4.31 GB and more"
    )


@pytest.mark.parametrize("limit", [None, 100])
def test_a_network_beyond_the_machine_is_refused(
    limit: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=4e9))
    with pytest.raises(SpecError, match="in the 4 GB of this machine"):
        footprint.check(WIDE, "search.networks.0", LimitsSpec(memory_gb=limit))


def assert_weighed(architecture: Architecture, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fits into 100 GB and not into a single kilobyte."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=1e11))
    footprint.check(architecture, "search.networks.0", LimitsSpec())
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=1e3))
    with pytest.raises(
        SpecError, match=rf"search\.networks\.0: '{architecture.name} .* parameters"
    ):
        footprint.check(architecture, "search.networks.0", LimitsSpec())


@pytest.mark.parametrize("family", registry.families())
def test_every_family_can_be_weighed(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (2, 1, 2048) if family == "cnn1d" else (3, 32, 32)
    architecture = Architecture(name=family, arguments={}, input_shape=shape, classes=10)
    assert_weighed(architecture, monkeypatch)


@pytest.mark.parametrize("family", generators.families())
def test_every_generator_can_be_weighed(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = Architecture(name=family, arguments={}, input_shape=(1, 32, 32), classes=1)
    assert_weighed(architecture, monkeypatch)
