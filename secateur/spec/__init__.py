"""Job specs: everything that a user may ask for, one file a part."""

from secateur.spec.agents import AgentSpec, DDPGSpec, PublishedDDPGSpec
from secateur.spec.budget import BudgetSpec
from secateur.spec.common import CommonSpec
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
    MicrostructuresData,
    MNISTData,
    MotorsData,
    SVHNData,
)
from secateur.spec.exploration import ExplorationSpec
from secateur.spec.finetune import FinetuneSpec, RecoverySpec, ReinitialiseSpec, RewindSpec
from secateur.spec.generation import (
    GenerationSpec,
    GenerativePublishSpec,
    GenerativeSearchSpec,
)
from secateur.spec.generator_recovery import GeneratorRecoverySpec
from secateur.spec.job import JobSpec
from secateur.spec.limits import LIMITS, LimitsSpec
from secateur.spec.prune import PruneSpec
from secateur.spec.publish import PublishSpec
from secateur.spec.reading import AnySpec, load, parse
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
    "LIMITS",
    "AgentSpec",
    "AnySpec",
    "ArithmeticData",
    "ArraysData",
    "BNScaleSpec",
    "BeeColonySpec",
    "BudgetSpec",
    "CIFAR10Data",
    "CIFAR100Data",
    "CMAESSpec",
    "CommonSpec",
    "DDPGSpec",
    "DataSpec",
    "DigitsData",
    "ExplorationSpec",
    "FashionMNISTData",
    "FinetuneSpec",
    "GenerationSpec",
    "GenerativePublishSpec",
    "GenerativeSearchSpec",
    "GeneratorRecoverySpec",
    "ImageFolderData",
    "JobSpec",
    "KMNISTData",
    "L1GlobalSpec",
    "LimitsSpec",
    "MNISTData",
    "MicrostructuresData",
    "MotorsData",
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
