"""The frozen results that stages exchange, readable without torch.

Each record is a pydantic model: immutable, validated when built, and stored as JSON
between stages.  Widths always list one integer a prunable group, in the order of the
network's dependency graph.
"""

from secateur.records.base import (
    Augmentation,
    Augmentations,
    Precision,
    Record,
    Scalar,
    TaskKind,
)
from secateur.records.evaluation import (
    EvaluatedModel,
    EvaluatedVariant,
    Evaluation,
    Publication,
)
from secateur.records.networks import (
    Architecture,
    Cost,
    EpochMetrics,
    Figures,
    Recipe,
)
from secateur.records.pruning import (
    Episode,
    FinetuneResult,
    PruningResult,
)
from secateur.records.search import (
    SearchResult,
    TrialRecord,
)

__all__ = [
    "Architecture",
    "Augmentation",
    "Augmentations",
    "Cost",
    "Episode",
    "EpochMetrics",
    "EvaluatedModel",
    "EvaluatedVariant",
    "Evaluation",
    "Figures",
    "FinetuneResult",
    "Precision",
    "PruningResult",
    "Publication",
    "Recipe",
    "Record",
    "Scalar",
    "SearchResult",
    "TaskKind",
    "TrialRecord",
]
