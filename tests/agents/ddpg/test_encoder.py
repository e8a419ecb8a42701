from __future__ import annotations

import torch

from agents.ddpg.encoder import GraphEncoder, GraphLayout

CHAIN = GraphLayout(nodes=4, features=3, edges=((0, 1), (1, 2), (2, 3)), pointer=2, units=8)


def graph(pointed: int) -> torch.Tensor:
    nodes = torch.rand(4, 3, generator=torch.Generator().manual_seed(0))
    nodes[:, 2] = torch.arange(4) == pointed
    return nodes


def embedded(encoder: GraphEncoder, nodes: torch.Tensor) -> torch.Tensor:
    """The half of the embedding that belongs to the node that is pointed at."""
    return encoder(nodes.reshape(1, -1))[0, :8]


def test_two_rounds_of_messages_see_two_groups_far() -> None:
    torch.manual_seed(0)
    encoder = GraphEncoder(CHAIN)
    near, far = graph(0), graph(0)
    near[2, 0] += 1
    far[3, 0] += 1
    before = embedded(encoder, graph(0))
    assert not torch.equal(before, embedded(encoder, near))
    assert torch.equal(before, embedded(encoder, far))


def test_the_rest_of_the_embedding_is_the_mean_of_all_nodes() -> None:
    torch.manual_seed(0)
    encoder = GraphEncoder(CHAIN)
    nodes, changed = graph(0), graph(0)
    changed[3, 0] += 1
    assert encoder.size == 16
    difference = encoder(nodes.reshape(1, -1)) - encoder(changed.reshape(1, -1))
    assert difference[0, 8:].abs().max() > 0


def test_weights_fit_graphs_of_another_size() -> None:
    larger = GraphLayout(nodes=7, features=3, edges=((0, 6),), pointer=2, units=8)
    state = GraphEncoder(CHAIN).state_dict()
    GraphEncoder(larger).load_state_dict(state)
    assert not [name for name in state if "incoming" in name or "outgoing" in name]
