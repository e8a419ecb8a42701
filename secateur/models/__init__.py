"""The zoo: one file a family of networks, all built through ``build``."""

from secateur.models import lenet, mlp, resnet  # noqa: F401 - importing a family registers it
from secateur.models.registry import build, families

__all__ = ["build", "families"]
