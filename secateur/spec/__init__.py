"""Job specs: everything that a user may ask for, one file a part."""

from secateur.spec.agents import AgentSpec, DDPGSpec, PublishedDDPGSpec
from secateur.spec.data import DataSpec, DigitsData, ImageFolderData, MNISTData
from secateur.spec.finetune import FinetuneSpec
from secateur.spec.job import JobSpec, load, parse
from secateur.spec.prune import PruneSpec
from secateur.spec.publish import PublishSpec
from secateur.spec.rivals import (
    BeeColonySpec,
    BNScaleSpec,
    CMAESSpec,
    L1GlobalSpec,
    NSGA2Spec,
    PPOSpec,
    RandomSpec,
    SACSpec,
    TPESpec,
    UniformSpec,
)
from secateur.spec.search import SearchSpec

__all__ = [
    "AgentSpec",
    "BNScaleSpec",
    "BeeColonySpec",
    "CMAESSpec",
    "DDPGSpec",
    "DataSpec",
    "DigitsData",
    "FinetuneSpec",
    "ImageFolderData",
    "JobSpec",
    "L1GlobalSpec",
    "MNISTData",
    "NSGA2Spec",
    "PPOSpec",
    "PruneSpec",
    "PublishSpec",
    "PublishedDDPGSpec",
    "RandomSpec",
    "SACSpec",
    "SearchSpec",
    "TPESpec",
    "UniformSpec",
    "load",
    "parse",
]
