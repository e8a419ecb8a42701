"""Gradient steps of DDPG: one optimizer for the actor, one for the critic."""

from __future__ import annotations

from typing import Any

import torch
from ray.rllib.core import DEFAULT_MODULE_ID
from ray.rllib.core.columns import Columns
from ray.rllib.core.learner.torch.torch_learner import TorchLearner

from agents.ddpg.losses import Losses, ddpg_losses, td_target
from agents.ddpg.module import GREEDY_VALUES, NEXT_VALUES, VALUES
from agents.ddpg.targets import soft_update

ACTOR_LOSS = "actor_loss"
CRITIC_LOSS = "critic_loss"


class DDPGTorchLearner(TorchLearner):
    """Learns a ``DDPGTorchRLModule`` from minibatches of replayed transitions.

    Both gradients of a minibatch are taken before either step, so the actor climbs the
    critic of before the update; Lillicrap et al. 2016 step the critic first.
    """

    def configure_optimizers_for_module(self, module_id: str, config: Any = None) -> None:
        """Register Adam for the actor and Adam for the critic, at the config's rates."""
        module = self.module[module_id]
        for name, network, rate in (
            ("actor", module.actor, config.actor_lr),
            ("critic", module.critic, config.critic_lr),
        ):
            parameters = list(network.parameters())
            self.register_optimizer(
                module_id=module_id,
                optimizer_name=name,
                optimizer=torch.optim.Adam(parameters, lr=rate, fused=True),
                params=parameters,
            )

    def set_schedule(self, sigma: float, baseline: float) -> None:
        """Set the width of the noise and the baseline that the module carries."""
        module = self.module[DEFAULT_MODULE_ID]
        module.sigma.fill_(sigma)
        module.baseline.fill_(baseline)

    def compute_losses(
        self, *, fwd_out: dict[str, Any], batch: dict[str, Any]
    ) -> dict[str, torch.Tensor]:
        """Losses of every module, kept apart for ``compute_gradients``; returns their sums."""
        self._losses = {
            module_id: self._losses_of(module_id, outputs, batch[module_id])
            for module_id, outputs in fwd_out.items()
        }
        return {
            module_id: (losses.actor + losses.critic).detach()
            for module_id, losses in self._losses.items()
        }

    def _losses_of(
        self, module_id: str, outputs: dict[str, torch.Tensor], batch: dict[str, torch.Tensor]
    ) -> Losses:
        target = td_target(
            rewards=batch[Columns.REWARDS],
            baseline=self.module[module_id].baseline,
            next_values=outputs[NEXT_VALUES],
            terminated=batch[Columns.TERMINATEDS],
            gamma=self.config.gamma,
        )
        losses = ddpg_losses(outputs[VALUES], outputs[GREEDY_VALUES], target)
        self.metrics.log_value((module_id, ACTOR_LOSS), losses.actor.detach(), reduce="mean")
        self.metrics.log_value((module_id, CRITIC_LOSS), losses.critic.detach(), reduce="mean")
        return losses

    def compute_loss_for_module(self, **_: Any) -> torch.Tensor:
        """Unused: ``compute_losses`` needs both losses of a module, not their sum."""
        raise NotImplementedError

    def compute_gradients(
        self, loss_per_module: dict[str, torch.Tensor], **_: Any
    ) -> dict[torch.Tensor, torch.Tensor]:
        """Gradient of each loss for its own network only.

        RLlib's default differentiates the sum of the losses, which would hand the critic the
        actor's gradient and teach it to call every action good.
        """
        gradients: dict[torch.Tensor, torch.Tensor] = {}
        for module_id in loss_per_module:
            for name, optimizer in self.get_optimizers_for_module(module_id):
                parameters = self._optimizer_parameters[optimizer]
                loss = getattr(self._losses[module_id], name)
                gradients.update(
                    zip(parameters, torch.autograd.grad(loss, parameters), strict=True)
                )
        return gradients

    def apply_gradients(self, gradients_dict: dict[torch.Tensor, torch.Tensor]) -> None:
        """Step both optimizers, then let the targets follow: once a minibatch."""
        super().apply_gradients(gradients_dict)
        for module in self.module.values():
            for main, target in module.get_target_network_pairs():
                soft_update(main, target, self.config.tau)

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over a saved state, even one that is older than what is here."""
        # RLlib skips weights whose sequence number is not ahead of the learner's own, which
        # would leave the newer networks in place beside the older optimizers.
        self._weights_seq_no = 0
        super().set_state(state)
