import math

import numpy as np
import pytest
import torch
from torch import nn

from secateur.data import Images
from secateur.training import evaluation
from secateur.training.evaluation import evaluating, logits, predict, score


class Brightness(nn.Module):
    """Logits (normalised pixel, 0) of images of one pixel."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images):
        pixel = images.flatten(1) * self.scale
        return torch.cat([pixel, torch.zeros_like(pixel)], dim=1)


def one_pixel(values, labels):
    pixels = np.array(values, np.uint8)[:, None, None, None]
    return Images(pixels, np.array(labels, np.int64))


def test_score_and_predictions_by_hand():
    # 0 and 255 are 0 and 1 in [0, 1]; less the mean 0.5, over the deviation 0.5: -1 and 1.
    # Class 0 then has probability 1 / (1 + e) = 0.268941 and 0.731059.
    images = one_pixel([0, 255, 255, 255], [1, 0, 1, 0])
    right, wrong = -math.log(0.731059), -math.log(0.268941)
    result = score(Brightness(), images, (0.5,), (0.5,))
    assert result.loss == pytest.approx((3 * right + wrong) / 4, abs=1e-5)
    assert result.accuracy == 0.75
    predictions = predict(Brightness(), images, (0.5,), (0.5,))
    assert predictions.dtype == np.int64
    assert predictions.tolist() == [1, 0, 0, 0]


def test_many_batches_keep_the_order(monkeypatch):
    monkeypatch.setattr(evaluation, "_BATCH", 3)
    images = one_pixel(range(10), [0] * 10)
    outputs = logits(Brightness(), images, (0.0,), (1.0,))
    assert outputs.shape == (10, 2)
    assert (outputs[:, 0] * 255).tolist() == pytest.approx(range(10), abs=1e-5)


def test_batch_norm_and_dropout_are_off_and_modes_come_back():
    network = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(1), nn.Dropout(0.5), nn.Linear(1, 2))
    network[1].eval()  # frozen by its owner
    before = [module.training for module in network.modules()]
    images = one_pixel(range(20), [0] * 20)
    first, second = (score(network, images, (0.0,), (1.0,)) for _ in range(2))
    assert first == second
    assert [module.training for module in network.modules()] == before
    assert network[1].num_batches_tracked == 0


def test_modes_come_back_after_an_error():
    network = nn.Sequential(nn.Dropout()).train()

    def fail_inside():
        with evaluating(network):
            assert not network[0].training
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert network.training
    assert network[0].training


def test_read_only_images_can_be_scored():
    images = one_pixel([0, 255], [1, 0])
    images.pixels.setflags(write=False)
    images.labels.setflags(write=False)
    assert score(Brightness(), images, (0.5,), (0.5,)).accuracy == 1
