"""Job specs: everything that a user may ask for, one file a part."""

from secateur.spec.agents import AgentSpec, DDPGSpec, PublishedDDPGSpec
from secateur.spec.budget import BudgetSpec
from secateur.spec.data import (
    ArithmeticData,
    ArraysData,
    CIFAR10Data,
    CIFAR100Data,
    DataSpec,
    DigitsData,
    FashionMNISTData,
    ImageFolderData,
    KMNISTData,
    MNISTData,
    SVHNData,
)
from secateur.spec.finetune import FinetuneSpec, RecoverySpec, ReinitialiseSpec, RewindSpec
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
    "ArithmeticData",
    "ArraysData",
    "BNScaleSpec",
    "BeeColonySpec",
    "BudgetSpec",
    "CIFAR10Data",
    "CIFAR100Data",
    "CMAESSpec",
    "DDPGSpec",
    "DataSpec",
    "DigitsData",
    "FashionMNISTData",
    "FinetuneSpec",
    "ImageFolderData",
    "JobSpec",
    "KMNISTData",
    "L1GlobalSpec",
    "MNISTData",
    "NSGA2Spec",
    "PPOSpec",
    "PruneSpec",
    "PublishSpec",
    "PublishedDDPGSpec",
    "RandomSpec",
    "RecoverySpec",
    "ReinitialiseSpec",
    "RewindSpec",
    "SACSpec",
    "SVHNData",
    "SearchSpec",
    "TPESpec",
    "UniformSpec",
    "load",
    "parse",
]
