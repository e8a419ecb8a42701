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
    TimeBound,
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
from secateur.records.provenance import (
    Account,
    Commit,
    DataUsed,
    Machine,
    Provenance,
    Spent,
)
from secateur.records.pruning import (
    Episode,
    FinetuneResult,
    PruningResult,
)
from secateur.records.search import (
    SearchResult,
    TrialCurve,
    TrialRecord,
)

__all__ = [
    "Account",
    "Architecture",
    "Augmentation",
    "Augmentations",
    "Commit",
    "Cost",
    "DataUsed",
    "Episode",
    "EpochMetrics",
    "EvaluatedModel",
    "EvaluatedVariant",
    "Evaluation",
    "Figures",
    "FinetuneResult",
    "Machine",
    "Precision",
    "Provenance",
    "PruningResult",
    "Publication",
    "Recipe",
    "Record",
    "Scalar",
    "SearchResult",
    "Spent",
    "TaskKind",
    "TimeBound",
    "TrialCurve",
    "TrialRecord",
]
