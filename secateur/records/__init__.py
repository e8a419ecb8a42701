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
    score_name,
)
from secateur.records.evaluation import (
    EvaluatedModel,
    EvaluatedVariant,
    Evaluation,
    Publication,
)
from secateur.records.generation import (
    AdversarialLoss,
    Constraint,
    GenerativeMetrics,
    GenerativeRecipe,
    GenerativeTrial,
    Likeness,
)
from secateur.records.generation_stages import (
    GenerativeSearchResult,
    RecoveredGenerator,
)
from secateur.records.generators import (
    AnyFigures,
    EvaluatedGenerator,
    GenerativeCurve,
    GenerativeEvaluation,
    GeneratorFigures,
    JudgedStep,
)
from secateur.records.networks import (
    Architecture,
    Cost,
    EpochMetrics,
    Figures,
    Recipe,
    ServedCost,
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
    "AdversarialLoss",
    "AnyFigures",
    "Architecture",
    "Augmentation",
    "Augmentations",
    "Commit",
    "Constraint",
    "Cost",
    "DataUsed",
    "Episode",
    "EpochMetrics",
    "EvaluatedGenerator",
    "EvaluatedModel",
    "EvaluatedVariant",
    "Evaluation",
    "Figures",
    "FinetuneResult",
    "GenerativeCurve",
    "GenerativeEvaluation",
    "GenerativeMetrics",
    "GenerativeRecipe",
    "GenerativeSearchResult",
    "GenerativeTrial",
    "GeneratorFigures",
    "JudgedStep",
    "Likeness",
    "Machine",
    "Precision",
    "Provenance",
    "PruningResult",
    "Publication",
    "Recipe",
    "Record",
    "RecoveredGenerator",
    "Scalar",
    "SearchResult",
    "ServedCost",
    "Spent",
    "TaskKind",
    "TimeBound",
    "TrialCurve",
    "TrialRecord",
    "score_name",
]
