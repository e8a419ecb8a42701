"""Weights of trained agents, for agents of other targets and other networks.

They are kept as safetensors beside an agent's checkpoints: a checkpoint of RLlib is
unpickled, and what a job names must never run code.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from ray.rllib.core import COMPONENT_LEARNER, COMPONENT_RL_MODULE, DEFAULT_MODULE_ID
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from agents.ddpg import DDPG
from secateur.errors import SpecError
from secateur.paths import expanded
from secateur.scratch import whole
from secateur.spec.common import JOB_NAME
from secateur.storage.task import TaskShelf

WEIGHTS = "agent.safetensors"
_FIELD = "prune.agent.start_from"
_PARTS = ("actor", "critic", "target_actor", "target_critic")


def save(algorithm: DDPG, folder: Path) -> None:
    """Keep the weights of actor, critic and their targets in a folder."""
    with whole(folder / WEIGHTS) as partial:
        save_file(_networks(algorithm), partial)


def start(algorithm: DDPG, given: str, state: Path) -> None:
    """Begin with a trained agent's weights; replay, noise and counters stay fresh.

    Args:
        algorithm: not trained yet.
        given: see ``find``.
        state: folder of this run.

    Raises:
        SpecError: no such agent, or one that sees another state.
    """
    path = find(given, state)
    try:
        weights = load_file(path)
    except (OSError, SafetensorError):
        raise SpecError(_FIELD, given, f"readable weights in {path}") from None
    here = {name: array.shape for name, array in _networks(algorithm).items()}
    if {name: array.shape for name, array in weights.items()} != here:
        raise SpecError(_FIELD, given, "an agent of the same 'state' and 'hidden'")
    algorithm.learner_group.foreach_learner(
        lambda learner: learner.module[DEFAULT_MODULE_ID].load_state_dict(
            {name: torch.as_tensor(array) for name, array in weights.items()}, strict=False
        )
    )
    algorithm.push_weights()


def find(given: str, state: Path) -> Path:
    """The weights that ``start_from`` names: of a job's agents the first one's by name.

    Args:
        given: a folder with an agent somewhere below it, or the name of a job beside the
            one that ``state`` belongs to.
        state: folder of a run, at most four levels below the folder of all jobs.

    Raises:
        SpecError: there are no weights.
    """
    jobs = state.absolute().parents[:4]
    if re.match(JOB_NAME, given):
        TaskShelf(jobs[-1] / given, f"agents/*{WEIGHTS}").fetch()
    for folder in (expanded(given), *(parent / given for parent in jobs)):
        if found := sorted(folder.rglob(WEIGHTS)):
            return found[0]
    raise SpecError(_FIELD, given, "a job with a trained DDPG agent, or the folder of one")


def _networks(algorithm: DDPG) -> dict[str, NDArray[np.float32]]:
    state = algorithm.learner_group.get_state(
        components=f"{COMPONENT_LEARNER}/{COMPONENT_RL_MODULE}"
    )
    arrays = state[COMPONENT_LEARNER][COMPONENT_RL_MODULE][DEFAULT_MODULE_ID]
    return {
        name: np.ascontiguousarray(array)
        for name, array in arrays.items()
        if name.split(".")[0] in _PARTS
    }
