"""Deep deterministic policy gradients for RLlib's new API stack.

    algorithm = DDPGConfig().environment("pruning").build_algo()
    result = algorithm.train()            # one round of complete episodes, then updates
    action = algorithm.act(observation)   # greedy: no noise

Source: Lillicrap et al. 2016, "Continuous control with deep reinforcement learning",
with the changes of He et al. 2018, "AMC: AutoML for model compression".
"""

from agents.ddpg.algorithm import DDPG
from agents.ddpg.config import DDPGConfig

__all__ = ["DDPG", "DDPGConfig"]
