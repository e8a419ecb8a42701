"""scikit-learn's scans of handwritten digits: real data that needs no download."""

from __future__ import annotations

import numpy as np

from secateur.data.images import Images
from secateur.data.registry import Source, register
from secateur.data.splits import hold_out_test
from secateur.spec import DigitsData

_BRIGHTEST = 16
_TEST_SHARE = 0.2


@register("digits")
def digits(_spec: DigitsData, seed: int) -> Source:
    """1,797 images of 1x8x8 in 10 classes; a fifth, chosen by seed, is the test split.

    The published 17 grey levels, 0 to 16, are spread over 0 to 255.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    pixels = np.rint(bunch.images[:, None] * (255 / _BRIGHTEST)).astype(np.uint8)
    images = Images(pixels, bunch.target.astype(np.int64))
    labels = tuple(str(digit) for digit in range(10))
    pool, test = hold_out_test(images, labels, _TEST_SHARE, seed, field="data.test")
    return Source("digits", labels, pool, test)
