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
    MLPSpace,
    NetworkSpace,
    PerceptronSpace,
    PublishedSpace,
    ResNetSpace,
    VGGSpace,
    families,
)
from secateur.spaces.recipe import OPTIMIZERS, RecipeSpace

__all__ = [
    "ACTIVATIONS",
    "NORMALIZATIONS",
    "OPTIMIZERS",
    "POOLINGS",
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
    "MLPSpace",
    "NetworkSpace",
    "PerceptronSpace",
    "PublishedSpace",
    "Range",
    "RecipeSpace",
    "ResNetSpace",
    "Share",
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
