"""Rivals of the DDPG agent: one module an agent, each with an ``episodes`` function."""
