"""Settings of the DDPG agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from ray.rllib.algorithms.algorithm_config import AlgorithmConfig, NotProvided
from ray.rllib.core.rl_module.rl_module import RLModuleSpec

from agents.ddpg.encoder import GraphLayout
from agents.ddpg.env_runner import DDPGEnvRunner
from agents.ddpg.learner import DDPGTorchLearner
from agents.ddpg.module import DDPGTorchRLModule
from agents.ddpg.planner import FreePlay, Planner
from agents.ddpg.schedule import NoiseSchedule
from secateur.errors import SpecError


class DDPGConfig(AlgorithmConfig):
    """Settings of the DDPG agent; the defaults are those of He et al. 2018.

    Where that paper is silent they are its reference implementation's.

    Args:
        algo_class: the algorithm built by ``build_algo``, ``DDPG`` unless given.
    """

    def __init__(self, algo_class: type | None = None) -> None:
        from agents.ddpg.algorithm import DDPG

        super().__init__(algo_class=algo_class or DDPG)
        self.actor_lr = 1e-4
        self.critic_lr = 1e-3
        self.tau = 0.01
        self.gamma = 1.0
        self.minibatch_size = 64
        self.hidden: tuple[int, ...] = (300, 300)
        self.replay_episodes = 100
        self.updates_per_step = 1
        self.baseline_decay = 0.95
        self.sigma = 0.5
        self.sigma_final = 0.01
        self.warmup_episodes = 0
        self.constant_episodes = 100
        self.decay_episodes = 300
        self.total_episodes = 0
        self.planner: Callable[[], Planner] = FreePlay
        self.graph: GraphLayout | None = None
        self._set_rllib_defaults()

    def _set_rllib_defaults(self) -> None:
        """Turn off what would bend actions, cut episodes or lose slow ones."""
        # An actor bounded to (0, 1) would act in (0.5, 1) after RLlib's unsquashing.
        self.normalize_actions = False
        self.batch_mode = "complete_episodes"
        self.env_runner_cls = DDPGEnvRunner
        self.num_env_runners = 0
        # Results that come later than this are thrown away.
        self.sample_timeout_s = 600.0
        # Without these two an exception in an environment stalls the run for a minute.
        self.delay_between_env_runner_restarts_s = 0
        self.restart_failed_sub_environments = True
        # RLlib's check of every gradient costs a sixth of an update and zeroes what is not
        # finite; DDPG checks the actor once a round and stops instead.
        self.torch_skip_nan_gradients = True

    def training(
        self,
        *,
        actor_lr: float = NotProvided,
        critic_lr: float = NotProvided,
        tau: float = NotProvided,
        hidden: tuple[int, ...] = NotProvided,
        replay_episodes: int = NotProvided,
        updates_per_step: int = NotProvided,
        baseline_decay: float = NotProvided,
        sigma: float = NotProvided,
        sigma_final: float = NotProvided,
        warmup_episodes: int = NotProvided,
        constant_episodes: int = NotProvided,
        decay_episodes: int = NotProvided,
        total_episodes: int = NotProvided,
        planner: Callable[[], Planner] = NotProvided,
        graph: GraphLayout | None = NotProvided,
        **kwargs: Any,
    ) -> Self:
        """Set how the agent learns and explores; checked by ``validate``.

        Args:
            actor_lr: Adam's rate for the actor, > 0.
            critic_lr: Adam's rate for the critic, > 0.
            tau: step of the target networks at each update, in (0, 1].
            hidden: units of each hidden layer of actor and critic, each >= 1.
            replay_episodes: episodes kept for replay, >= 1.
            updates_per_step: minibatches learned from for each step sampled, >= 1.
            baseline_decay: weight of the past in the moving average b of episode rewards,
                in [0, 1]; 1 keeps the first reward.
            sigma: width of the truncated-normal noise, > 0, as a share of the action range.
            sigma_final: width at the end of the decay, in (0, sigma].
            warmup_episodes: episodes with uniform actions at the start, >= 0. Learning goes
                on meanwhile: the critic needs no policy to learn from.
            constant_episodes: episodes at ``sigma`` after the warm-up, >= 0.
            decay_episodes: episodes of exponential decay to ``sigma_final``, >= 0.
            total_episodes: what the run is to end with, so that the last round of several
                runners plays no more; 0 for no end.
            planner: makes what chooses whole episodes beforehand; ``FreePlay`` by default.
            graph: how to read observations as a graph, where they are one.
            kwargs: RLlib's own, among them ``gamma`` (1.0) and ``minibatch_size`` (64
                transitions).
        """
        super().training(**kwargs)
        given = {
            "actor_lr": actor_lr,
            "critic_lr": critic_lr,
            "tau": tau,
            "hidden": hidden,
            "replay_episodes": replay_episodes,
            "updates_per_step": updates_per_step,
            "baseline_decay": baseline_decay,
            "sigma": sigma,
            "sigma_final": sigma_final,
            "warmup_episodes": warmup_episodes,
            "constant_episodes": constant_episodes,
            "decay_episodes": decay_episodes,
            "total_episodes": total_episodes,
            "planner": planner,
            "graph": graph,
        }
        for name, value in given.items():
            if value is not NotProvided:
                setattr(self, name, value)
        return self

    def noise_schedule(self) -> NoiseSchedule:
        """The width of the noise by episode.

        Raises:
            SpecError: a width or a number of episodes out of range.
        """
        return NoiseSchedule(
            sigma=self.sigma,
            sigma_final=self.sigma_final,
            warmup_episodes=self.warmup_episodes,
            constant_episodes=self.constant_episodes,
            decay_episodes=self.decay_episodes,
        )

    def validate(self) -> None:
        """Check every setting; RLlib calls it when the algorithm is built.

        Raises:
            SpecError: a setting out of range, or one of RLlib's that DDPG cannot serve.
        """
        super().validate()
        self.noise_schedule()
        self._check_numbers()
        self._check_layout()

    def _check_numbers(self) -> None:
        for name in ("actor_lr", "critic_lr"):
            _check(name, getattr(self, name), getattr(self, name) > 0, "a number > 0")
        for name in ("minibatch_size", "replay_episodes", "updates_per_step"):
            value = getattr(self, name)
            _check(name, value, isinstance(value, int) and value >= 1, "an integer >= 1")
        for name in ("gamma", "baseline_decay"):
            value = getattr(self, name)
            _check(name, value, 0.0 <= value <= 1.0, "a number in [0, 1]")
        _check("tau", self.tau, 0.0 < self.tau <= 1.0, "a number in (0, 1]")
        sizes = len(self.hidden) > 0 and min(self.hidden) >= 1
        _check("hidden", self.hidden, sizes, "one or more integers >= 1")

    def _check_layout(self) -> None:
        """Refuse layouts in which RLlib would run but learn something else."""
        _check("framework", self.framework_str, self.framework_str == "torch", "'torch'")
        _check("num_learners", self.num_learners, self.num_learners == 0, "0, a local learner")
        environments = self.num_envs_per_env_runner
        _check("num_envs_per_env_runner", environments, environments == 1, "1")
        unbent = not self.normalize_actions
        _check("normalize_actions", self.normalize_actions, unbent, "False")
        local = self.create_local_env_runner
        _check("create_local_env_runner", local, local, "True, it also acts greedily")
        single = not self.is_multi_agent
        _check("multi_agent", self.is_multi_agent, single, "a single agent")

    def get_default_rl_module_spec(self) -> RLModuleSpec:
        """Actor and critic with ``hidden`` units."""
        return RLModuleSpec(
            module_class=DDPGTorchRLModule,
            model_config={"hidden": tuple(self.hidden), "graph": self.graph},
        )

    def get_default_learner_class(self) -> type[DDPGTorchLearner]:
        """The learner with two optimizers."""
        return DDPGTorchLearner


def _check(name: str, value: object, good: bool, expected: str) -> None:
    if not good:
        raise SpecError(name, value, expected)
