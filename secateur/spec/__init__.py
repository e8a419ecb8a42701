"""Job specs: everything that a user may ask for, one file a part."""

from secateur.spec.agents import AgentSpec, DDPGSpec
from secateur.spec.data import DataSpec, DigitsData, ImageFolderData, MNISTData
from secateur.spec.finetune import FinetuneSpec
from secateur.spec.job import JobSpec, load, parse
from secateur.spec.prune import PruneSpec
from secateur.spec.publish import PublishSpec
from secateur.spec.search import SearchSpec

__all__ = [
    "AgentSpec",
    "DDPGSpec",
    "DataSpec",
    "DigitsData",
    "FinetuneSpec",
    "ImageFolderData",
    "JobSpec",
    "MNISTData",
    "PruneSpec",
    "PublishSpec",
    "SearchSpec",
    "load",
    "parse",
]
