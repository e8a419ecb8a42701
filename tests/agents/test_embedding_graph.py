from __future__ import annotations

import numpy as np

from agents.embedding import LayerEmbedding
from agents.embedding_graph import NODE_FEATURES, GraphEmbedding, edges
from agents.problem import PruningProblem
from secateur.compression.plan import SurgeryPlan
from secateur.models.registry import build
from secateur.records import Architecture


def shown(problem: PruningProblem, *decided: int) -> list[dict[str, float]]:
    nodes = GraphEmbedding(problem).observe(decided).reshape(-1, len(NODE_FEATURES))
    return [dict(zip(NODE_FEATURES, row.tolist(), strict=True)) for row in nodes]


def test_nodes_tell_what_was_cut(problem: PruningProblem) -> None:
    first, second = shown(problem, 6)
    assert (first["kept"], first["decided"], first["is_next"]) == (0.75, 1.0, 0.0)
    assert (second["kept"], second["decided"], second["is_next"]) == (1.0, 0.0, 1.0)
    # As in the layers' state: 1,152 of 4,672 FLOPs are gone with two of eight channels.
    assert first["flops_removed"] == second["flops_removed"] == np.float32(1152 / 4672)


def test_the_fixed_features_are_those_of_the_layers(problem: PruningProblem) -> None:
    nodes = GraphEmbedding(problem).observe((6,)).reshape(2, -1)
    np.testing.assert_array_equal(nodes[1, :8], LayerEmbedding(problem).observe((6,))[:8])


def test_the_space_holds_every_state(problem: PruningProblem) -> None:
    for decided in ((), (2,), (2, 1)):
        state = GraphEmbedding(problem).observe(decided)
        assert state.shape == (26,)
        assert state.dtype == np.float32
        assert ((state >= 0) & (state <= 1)).all()


def test_edges_follow_the_layers(problem: PruningProblem) -> None:
    # The first convolution feeds the second, whose channels only the output reads.
    assert edges(problem.groups) == ((0, 1),)


def test_edges_join_the_groups_of_residual_blocks() -> None:
    architecture = Architecture(
        name="resnet", arguments={"depth": 1, "width": 4}, input_shape=(1, 8, 8), classes=3
    )
    groups = SurgeryPlan.of(build(architecture).eval(), (1, 8, 8)).groups
    names = [group.name.split(".")[0] for group in groups]
    assert names == ["stem", "stage1", "stage2", "stage2", "stage3", "stage3"]
    # Trunk 0 runs into the inner convolution 1 and back; the next stages read the trunk
    # through an inner convolution (2, 4) and a shortcut, which belongs to their trunk (3, 5).
    assert edges(groups) == (
        (0, 1), (0, 2), (0, 3), (1, 0), (2, 3), (3, 4), (3, 5), (4, 5),
    )  # fmt: skip
