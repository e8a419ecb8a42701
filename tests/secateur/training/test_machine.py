import json

import pytest
import torch

from secateur.compression.execution import EXACT, Execution
from secateur.models import build
from secateur.records import Architecture
from secateur.training import machine

LENET = Architecture(name="lenet", arguments={"width": 4.0}, input_shape=(1, 28, 28), classes=10)
FAST = Execution(channels_last=True, bfloat16=True)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "secateur" / "execution"


@pytest.fixture
def measured(monkeypatch):
    """The measurements that were made; each finds bfloat16 the fastest."""
    made = []

    def fastest(network, shape):
        made.append(tuple(shape))
        return FAST

    monkeypatch.setattr(machine, "fastest", fastest)
    return made


def test_a_named_precision_is_not_measured(measured):
    network = build(LENET, seed=0)
    assert machine.execution(network, (4096, 1, 28, 28), "float32") == EXACT
    assert machine.execution(network, (4096, 1, 28, 28), "bfloat16") == FAST
    assert not measured


def test_small_steps_are_not_worth_a_measurement(measured, cache):
    # LeNet at four times its width costs some 10 MFLOPs an image.
    assert machine.execution(build(LENET, seed=0), (64, 1, 28, 28), "auto") == EXACT
    assert not measured
    assert not cache.exists()


def test_what_was_measured_is_kept_for_the_network_and_the_batch(measured, cache):
    network = build(LENET, seed=0)
    for _ in range(3):
        assert machine.execution(network, (512, 1, 28, 28), "auto") == FAST
    assert measured == [(512, 1, 28, 28)]
    machine.execution(build(LENET, seed=1), (512, 1, 28, 28), "auto")  # the weights say nothing
    machine.execution(network, (513, 1, 28, 28), "auto")
    assert measured == [(512, 1, 28, 28), (513, 1, 28, 28)]
    assert len(list(cache.iterdir())) == 2


def test_a_kept_choice_decides_and_a_broken_one_is_none(measured, cache):
    network = build(LENET, seed=0)
    machine.execution(network, (512, 1, 28, 28), "auto")
    (file,) = cache.iterdir()
    file.write_text(json.dumps({"channels_last": True}))
    chosen = machine.execution(network, (512, 1, 28, 28), "auto")
    assert chosen == Execution(channels_last=True)
    file.write_text("{")
    assert machine.execution(network, (512, 1, 28, 28), "auto") == EXACT


def test_a_file_system_without_links_keeps_it_too(measured, cache, monkeypatch):
    def refused(*_):
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(machine.os, "link", refused)
    for _ in range(2):
        assert machine.execution(build(LENET, seed=0), (512, 1, 28, 28), "auto") == FAST
    assert measured == [(512, 1, 28, 28)]
    assert len(list(cache.iterdir())) == 1


def test_where_nothing_can_be_kept_training_is_exact(measured, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert machine.execution(build(LENET, seed=0), (512, 1, 28, 28), "auto") == EXACT


def test_a_measurement_leaves_network_and_random_state_alone():
    network = build(LENET, seed=0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    assert machine.fastest(network, (8, 1, 28, 28)) in machine.WAYS
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(torch.get_rng_state(), state)
