import pytest
import torch
from torch import nn

from secateur.compression.recovery import recalibrate


def network():
    return nn.Sequential(
        nn.Conv2d(2, 3, 1), nn.BatchNorm2d(3, momentum=0.3), nn.Dropout(0.9), nn.Conv2d(3, 2, 1)
    )


def test_statistics_are_the_average_over_batches():
    model = network().eval()
    model[1].running_mean.fill_(7.0)
    batches = [torch.randn(8, 2, 4, 4) for _ in range(3)]
    recalibrate(model, iter(batches))
    with torch.no_grad():
        made = [model[0](batch).transpose(0, 1).flatten(1) for batch in batches]
    mean = torch.stack([values.mean(1) for values in made]).mean(0)
    variance = torch.stack([values.var(1) for values in made]).mean(0)
    torch.testing.assert_close(model[1].running_mean, mean)
    torch.testing.assert_close(model[1].running_var, variance)


def test_modes_momentum_and_weights_stay():
    model = network()
    model[3].eval()
    weights = [p.clone() for p in model.parameters()]
    recalibrate(model, [torch.randn(4, 2, 3, 3)])
    assert [module.training for module in model.modules()] == [True, True, True, True, False]
    assert model[1].momentum == 0.3
    assert all(torch.equal(a, b) for a, b in zip(weights, model.parameters(), strict=True))
    assert all(p.grad is None and p.requires_grad for p in model.parameters())


def test_modes_come_back_after_an_error():
    model = network().eval()
    with pytest.raises(RuntimeError):
        recalibrate(model, [torch.randn(4, 5, 3, 3)])
    assert not any(module.training for module in model.modules())
    assert model[1].momentum == 0.3


def test_without_batch_norm_nothing_is_read():
    def unread():
        raise AssertionError
        yield

    recalibrate(nn.Sequential(nn.Conv2d(2, 2, 1)), unread())
