import pytest
import torch
from torch import nn

from secateur.training.generative import ema


def network(value):
    made = nn.BatchNorm2d(1)
    with torch.no_grad():
        for tensor in (made.weight, made.bias, made.running_mean, made.running_var):
            tensor.fill_(value)
    made.num_batches_tracked.fill_(int(value))
    return made


def test_an_average_moves_by_what_the_decay_leaves():
    average, current = network(0.0), network(1.0)
    ema.update(average, current, decay=0.9, step=1000)
    for tensor in (average.weight, average.bias, average.running_mean, average.running_var):
        assert tensor.item() == pytest.approx(0.1)
    assert average.num_batches_tracked == 1
    assert current.weight.item() == 1


def test_it_forgets_faster_at_first():
    # (1 + 1)/(10 + 1) of 0 stays, 9/11 of 11 comes
    average = network(0.0)
    ema.update(average, network(11.0), decay=0.999, step=1)
    assert average.weight.item() == pytest.approx(9.0)
