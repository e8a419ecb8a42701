"""Loops that train generative networks, and the images that these make.

``begin`` builds all networks of a training, ``train`` trains them in place, ``sample`` draws
images from a generator.
"""

from secateur.training.generative.images import to_signed
from secateur.training.generative.loop import GenerativeTraining, train
from secateur.training.generative.model import GenerativeModel, begin
from secateur.training.generative.sampling import noise, sample

__all__ = [
    "GenerativeModel",
    "GenerativeTraining",
    "begin",
    "noise",
    "sample",
    "to_signed",
    "train",
]
