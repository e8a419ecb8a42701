"""Learned pruning: the environment, the DDPG agent and what runs it."""
