"""The yardstick: a pruning loop in the style of AMC's reference implementation.

One process with every core's threads; for each candidate torch-pruning's deep copy, graph
and surgery; batch norm statistics taken anew and accuracy in plain float32; DDPG by hand in
plain torch.  State, bounds and reward are Sécateur's own, so that both loops solve the same
problem and the same widths earn the same.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch_pruning as tp
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from agents.actions import Actions
from agents.environment import Evaluate, PruningEnv
from agents.problem import PruningProblem
from secateur.compression.plan import SurgeryPlan
from secateur.compression.recovery import recalibrate

BATCH = 128
MINIBATCH = 64
REPLAY = 100
TAU = 0.01
WARMUP = 0.25
_NOISE = 0.5
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ReferenceReward:
    """Accuracy of a candidate, made and judged from scratch.

    Attributes:
        network: dense, left untouched.
        plan: names its groups.
        calibration: normalised images for batch norm statistics.
        images: normalised images to judge by.
        labels: their classes.
    """

    network: nn.Module
    plan: SurgeryPlan
    calibration: Tensor
    images: Tensor
    labels: Tensor

    def __call__(self, widths: tuple[int, ...]) -> float:
        """The accuracy, in [0, 1]."""
        pruned = surgery(self.network, self.plan, widths)
        recalibrate(pruned, torch.split(self.calibration, BATCH))
        pruned.eval()
        with torch.no_grad():
            logits = torch.cat([pruned(batch) for batch in torch.split(self.images, BATCH)])
        return float((logits.argmax(dim=1) == self.labels).double().mean())


def surgery(network: nn.Module, plan: SurgeryPlan, widths: tuple[int, ...]) -> nn.Module:
    """Deep copy, trace and cut by torch-pruning, keeping the highest L1 norms."""
    pruned = copy.deepcopy(network)
    modules = dict(pruned.named_modules())
    pruner = tp.pruner.BasePruner(
        pruned,
        torch.randn(1, *plan.graph.input_shape),
        tp.importance.GroupMagnitudeImportance(p=1, group_reduction="mean"),
        pruning_ratio=0.0,
        # It keeps int(width * (1 - ratio)) channels: half a channel more survives the floats.
        pruning_ratio_dict={
            modules[group.name]: 1 - (width + 0.5) / group.width
            for group, width in zip(plan.groups, widths, strict=True)
        },
        ignored_layers=[modules[name] for name in plan.graph.fixed],
        in_channel_groups={},
        out_channel_groups={},
        num_heads={},
        channel_groups={},
    )
    pruner.step()
    return pruned


def episodes(
    problem: PruningProblem, evaluate: Evaluate, budget: int, seed: int, actions: Actions
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Play ``budget`` episodes of DDPG; yields (widths, reward) of each.

    Args:
        problem: what is to be pruned, and how far.
        evaluate: reward of a policy.
        budget: episodes.
        seed: of all that is random.
        actions: how actions are read; the same reading makes policies of the same FLOPs.
    """
    environment = PruningEnv(problem, evaluate, actions)
    agent = Agent(len(problem.groups), budget, seed)
    for number in range(budget):
        state, _ = environment.reset()
        steps, ended = [], False
        while not ended:
            action = agent.act(state, number)
            after, reward, ended, _, info = environment.step(action)
            steps.append((state, action, after, ended))
            state = after
        agent.learn(steps, reward)
        yield info["widths"], reward


class Agent:
    """DDPG with AMC's settings: two hidden layers of 300, one update a step.

    Args:
        steps: of an episode.
        budget: episodes, of which the first quarter acts at random.
        seed: of weights, noise and replay.
    """

    def __init__(self, steps: int, budget: int, seed: int) -> None:
        torch.manual_seed(seed)
        self._generator = np.random.default_rng(seed)
        self._actor, self._critic = _layers(11, nn.Sigmoid()), _layers(12, nn.Identity())
        self._targets = copy.deepcopy(self._actor), copy.deepcopy(self._critic)
        self._actor_optimizer = torch.optim.Adam(self._actor.parameters(), 1e-4)
        self._critic_optimizer = torch.optim.Adam(self._critic.parameters(), 1e-3)
        self._steps, self._warmup, self._budget = steps, round(WARMUP * budget), budget
        self._replay: list[tuple[Floats, Floats, float, Floats, bool]] = []
        self._baseline = math.nan

    def act(self, state: Floats, episode: int) -> Floats:
        """An action in [0, 1], shape (1,)."""
        if episode < self._warmup:
            return np.array([self._generator.random()], dtype=np.float32)
        decay = (episode - self._warmup) / max(1, self._budget - self._warmup)
        with torch.no_grad():
            mean = self._actor(torch.from_numpy(state)).numpy()
        noisy = mean + self._generator.normal(0, _NOISE * 0.1**decay, 1)
        action: Floats = np.clip(noisy, 0, 1).astype(np.float32)
        return action

    def learn(self, steps: list[tuple[Floats, Floats, Floats, bool]], reward: float) -> None:
        """Remember an episode, its reward credited to each step, and learn once a step."""
        self._replay += [(state, action, reward, after, end) for state, action, after, end in steps]
        del self._replay[: -REPLAY * self._steps]
        before = reward if math.isnan(self._baseline) else self._baseline
        self._baseline = 0.95 * before + 0.05 * reward
        for _ in steps:
            self._update()

    def _update(self) -> None:
        chosen = self._generator.integers(len(self._replay), size=MINIBATCH)
        columns = zip(*(self._replay[index] for index in chosen), strict=True)
        states, actions, rewards, after, ends = (
            torch.from_numpy(np.array(column, dtype=np.float32)) for column in columns
        )
        actor, critic = self._targets
        with torch.no_grad():
            value = critic(torch.cat([after, actor(after)], 1)).squeeze(1)
            wanted = rewards - self._baseline + (1 - ends) * value
        found = self._critic(torch.cat([states, actions], 1)).squeeze(1)
        _step(self._critic_optimizer, F.mse_loss(found, wanted))
        _step(
            self._actor_optimizer,
            -self._critic(torch.cat([states, self._actor(states)], 1)).mean(),
        )
        for target, source in zip(self._targets, (self._actor, self._critic), strict=True):
            for slow, fast in zip(target.parameters(), source.parameters(), strict=True):
                slow.data.lerp_(fast.data, TAU)


def _layers(inputs: int, last: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, 300), nn.ReLU(), nn.Linear(300, 300), nn.ReLU(), nn.Linear(300, 1), last
    )


def _step(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    torch.autograd.backward(loss)
    optimizer.step()
