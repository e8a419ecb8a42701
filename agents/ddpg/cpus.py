"""Whether a cluster can hold the env runners that are asked for."""

from __future__ import annotations

import ray

from secateur.errors import SpecError


def check_cpus(env_runners: int, cpus_each: float) -> None:
    """Refuse a layout that RLlib would wait for in silence for ever.

    Only the cluster's total is looked at: CPUs that others hold now may come free.

    Args:
        env_runners: remote env runners, >= 0.
        cpus_each: CPUs that each of them reserves.

    Raises:
        SpecError: the cluster that is connected to has fewer CPUs.
    """
    needed = env_runners * cpus_each
    if needed == 0 or not ray.is_initialized():
        return
    there = ray.cluster_resources().get("CPU", 0.0)
    if needed > there:
        raise SpecError(
            "num_env_runners",
            env_runners,
            f"at most {there // cpus_each:g} at {cpus_each:g} CPUs each on this cluster",
        )
