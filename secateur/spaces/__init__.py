"""What a search may vary: one dimension a hyperparameter, one space a network family.

A dimension is written in a spec as a value (fixed), a list (a choice) or a mapping
``{low, high, log}`` (a range).  Every network family has a space whose fields are the
keyword arguments of its builder in ``secateur.models``; a test holds the two together.
"""

from secateur.spaces.dimensions import (
    Choice,
    Dimension,
    Frozen,
    Range,
    Share,
    dimensions,
    ends,
    fields,
    integers,
    names,
    numbers,
    reals,
)
from secateur.spaces.networks import (
    ACTIVATIONS,
    NORMALIZATIONS,
    POOLINGS,
    AlexNetSpace,
    DenseNetSpace,
    EfficientNetSpace,
    GoogLeNetSpace,
    ImageNetResNetSpace,
    InceptionSpace,
    LeNetSpace,
    LeNetVariantSpace,
    MLPSpace,
    NetworkSpace,
    PerceptronSpace,
    ResNetSpace,
    VGGSpace,
    families,
)
from secateur.spaces.published import PublishedSpace, StartsFrom
from secateur.spaces.recipe import LOSSES, OPTIMIZERS, PRECISIONS, SCHEDULES, RecipeSpace

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "NORMALIZATIONS",
    "OPTIMIZERS",
    "POOLINGS",
    "PRECISIONS",
    "SCHEDULES",
    "AlexNetSpace",
    "Choice",
    "DenseNetSpace",
    "Dimension",
    "EfficientNetSpace",
    "Frozen",
    "GoogLeNetSpace",
    "ImageNetResNetSpace",
    "InceptionSpace",
    "LeNetSpace",
    "LeNetVariantSpace",
    "MLPSpace",
    "NetworkSpace",
    "PerceptronSpace",
    "PublishedSpace",
    "Range",
    "RecipeSpace",
    "ResNetSpace",
    "Share",
    "StartsFrom",
    "VGGSpace",
    "dimensions",
    "ends",
    "families",
    "fields",
    "integers",
    "names",
    "numbers",
    "reals",
]
