from __future__ import annotations

import pytest

from agents import resources
from secateur.errors import SpecError
from secateur.spec import DDPGSpec, PruneSpec, TPESpec


def test_an_agent_reserves_a_cpu_for_each_of_its_runners() -> None:
    several = PruneSpec(agent=DDPGSpec(runners=3), gpus=0.25)
    assert resources.reserved(several) == {"num_cpus": 3.0, "num_gpus": 0.25}
    assert resources.reserved(PruneSpec(agent=TPESpec())) == {"num_cpus": 1.0, "num_gpus": 0.0}


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
