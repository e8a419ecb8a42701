from __future__ import annotations

from unittest import mock

import pytest

from agents import resources
from agents.resources import Need, Node
from secateur.errors import SpecError
from secateur.spec import DDPGSpec, PruneSpec, TPESpec

HEAD: Node = {"memory": 1e9}


@pytest.mark.parametrize(
    ("need", "node", "expected"),
    [
        (Need(), {"CPU": 4.0}, 4),
        (Need(), HEAD, 0),
        (Need(4), {"CPU": 6.0}, 1),
        (Need(gpus=0.25), {"CPU": 8.0, "GPU": 1.0}, 4),
        (Need(gpus=0.25), {"CPU": 3.0, "GPU": 1.0}, 3),
        (Need(gpus=0.25), {"CPU": 8.0}, 0),
        # Two of 0.4 fit on each GPU; what is left of the two GPUs makes no fifth.
        (Need(gpus=0.4), {"CPU": 8.0, "GPU": 2.0}, 4),
        (Need(gpus=0.1), {"CPU": 16.0, "GPU": 1.0}, 10),
        # An agent with two runners holds three shares, of the four that there are.
        (Need(2, 0.5), {"CPU": 8.0, "GPU": 2.0}, 1),
        (Need(2, 1.0), {"CPU": 8.0, "GPU": 2.0}, 0),
    ],
)
def test_how_often_a_node_holds_a_need(need: Need, node: Node, expected: int) -> None:
    assert need.on(node) == expected


def test_an_agent_needs_a_cpu_for_each_of_its_runners() -> None:
    assert resources.need_of(PruneSpec(agent=DDPGSpec(runners=3), gpus=0.25)) == Need(3, 0.25)
    assert resources.need_of(PruneSpec(agent=TPESpec())) == Need()


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """A cluster of a head without CPUs and two nodes, to be changed."""
    there: list[Node] = [HEAD, {"CPU": 3.0, "GPU": 1.0}, {"CPU": 4.0}]
    monkeypatch.setattr(resources.ray, "is_initialized", lambda: True)
    monkeypatch.setattr(
        resources.ray, "nodes", lambda: [{"Alive": True, "Resources": node} for node in there]
    )
    return there


def test_room_is_counted_node_by_node(nodes: list[Node]) -> None:
    assert resources.at_once() == 7
    assert resources.at_once(Need(3)) == 2
    assert resources.at_once(Need(gpus=0.5)) == 2
    # Larger than any node: five of seven CPUs, on both.
    assert resources.whole(Need(5)) == 0
    assert resources.at_once(Need(5)) == 1


def test_nodes_that_an_autoscaler_may_add_count(
    nodes: list[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes[1:] = []
    with pytest.raises(SpecError, match=r"^search\.gpus: 0\.5 .*0 GPUs"):
        resources.check_room("search.gpus", 0.5, "GPU", Need(gpus=0.5))
    monkeypatch.setenv(resources.GROWTH, '[{"count": 4, "CPU": 8, "GPU": 1}]')
    resources.check_room("search.gpus", 0.5, "GPU", Need(gpus=0.5))
    assert resources.at_once(Need(gpus=0.5)) == 8
    resources.check_fits(PruneSpec(agent=DDPGSpec(runners=20)))
    with pytest.raises(SpecError, match=r"^prune\.agent\.runners: 33 .*32 CPUs"):
        resources.check_fits(PruneSpec(agent=DDPGSpec(runners=33)))


def test_a_cluster_that_begins_with_a_head_alone_refuses_no_process_without_a_gpu(
    nodes: list[Node],
) -> None:
    nodes[1:] = []
    resources.check_fits(PruneSpec(agent=TPESpec()))


@pytest.mark.parametrize("growth", ["many", '{"CPU": 8}', '[{"CPU": "many"}]', "[8]"])
@pytest.mark.usefixtures("nodes")
def test_growth_that_cannot_be_read_is_refused(
    growth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(resources.GROWTH, growth)
    with pytest.raises(SpecError, match=r"^SECATEUR_GROWTH: .*a list of kinds of nodes as JSON"):
        resources.at_once()


def test_outside_of_a_cluster_nothing_is_counted_or_refused() -> None:
    with mock.patch.object(resources.ray, "is_initialized", return_value=False):
        assert resources.at_once(Need(3, 0.5)) == 1
        resources.check_fits(PruneSpec(agent=DDPGSpec(runners=9), gpus=1.0))
        assert resources.own_gpus() == 0.0


@pytest.mark.usefixtures("ray_session")
def test_what_could_never_start_is_refused() -> None:
    # The session has three CPUs and one GPU, all of them logical.
    resources.check_fits(PruneSpec(agent=DDPGSpec(runners=3), gpus=0.25))
    with pytest.raises(SpecError, match=r"^prune\.agent\.runners: 4 .*3 CPUs"):
        resources.check_fits(PruneSpec(agent=DDPGSpec(runners=4)))
    with pytest.raises(SpecError, match=r"^prune\.gpus: 1\.0 .*1 GPUs"):
        resources.check_fits(PruneSpec(agent=DDPGSpec(runners=2), gpus=1.0))


@pytest.mark.usefixtures("ray_session")
def test_networks_stay_on_the_cpu_where_a_gpu_is_only_logical() -> None:
    import ray

    assert resources.own_gpus() == 0.0

    @ray.remote(num_cpus=0, num_gpus=0.5)
    def inside() -> tuple[float, str]:
        return resources.own_gpus(), resources.device().type

    assert ray.get(inside.remote()) == (0.5, "cpu")
