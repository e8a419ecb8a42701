import numpy as np
import torch
from torch import nn

from secateur.compression import importance
from secateur.compression.graph import trace


def test_l1_is_the_mean_over_members_by_hand():
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    graph = trace(network, (1, 2, 2))
    with torch.no_grad():
        network[0].weight.copy_(torch.tensor([-3.0, 1.0]).view(2, 1, 1, 1))
        network[1].weight.copy_(torch.tensor([0.5, -2.0]))
        network[3].weight.fill_(0.25)
        network[3].weight[0, 4] = -1.0
    (scores,) = importance.l1(network, graph)
    # Twelve weights of 0.25 read channel 0; for channel 1 one of them is -1.
    np.testing.assert_allclose(scores, [(3 + 0.5 + 3) / 3, (1 + 2 + 3.75) / 3], rtol=1e-6)
    (scales,) = importance.bn_scale(network, graph)
    np.testing.assert_allclose(scales, [0.5, 2.0])


def test_groups_without_batch_norm_fall_back_to_l1(build):
    network, shape = build("mlp")
    graph = trace(network, shape)
    for score, norm in zip(
        importance.bn_scale(network, graph), importance.l1(network, graph), strict=True
    ):
        assert np.array_equal(score, norm)


def test_random_scores_follow_the_seed(build):
    graph = trace(*build("unet"))
    first, again, other = (importance.random(graph, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    assert [len(scores) for scores in first] == list(graph.widths)


def test_keep_is_sorted_and_ties_go_to_the_first():
    scores = (np.array([1, 3, 2, 3], dtype=np.float32), np.ones(4, dtype=np.float32))
    assert [kept.tolist() for kept in importance.keep(scores, (2, 3))] == [[1, 3], [0, 1, 2]]
    assert [kept.tolist() for kept in importance.keep(scores, (1, 4))] == [[1], [0, 1, 2, 3]]


def test_bound_channels_are_scored_together(build):
    network, shape = build("grouped")
    graph = trace(network, shape)
    scores = importance.l1(network, graph)
    assert [len(score) for score in scores] == [4, 8, 8]
    with torch.no_grad():
        network[0].weight[[2, 6, 10, 14]] += 100.0
    louder = importance.l1(network, graph)
    assert importance.keep(louder, (1, 8, 8))[0].tolist() == [2]
