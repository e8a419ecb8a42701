"""A served graph in 8-bit integers: static quantisation by ONNX Runtime.

The method is that of Jacob et al. 2018, "Quantization and training of neural networks for
efficient integer-arithmetic-only inference", sections 2 and 3, applied after training:
ranges of activations are observed on some images, scales follow from them, and the graph
says with pairs of QuantizeLinear and DequantizeLinear where integers are meant (QDQ).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_static,
)

CALIBRATION_IMAGES: Final = 256
"""With four times as many, as many images are classified as in float32."""

_BATCH: Final = 32
_CONVOLUTION: Final = "Conv"
_LAYERS: Final = (_CONVOLUTION, "ConvTranspose", "Gemm", "MatMul")
# What ONNX Runtime computes in, or only moves about as, 8-bit integers. Norms are neither: the
# ones that no convolution absorbs would cost a conversion to and fro.
_OPERATORS: Final = (
    *_LAYERS,
    *("Add", "Mul", "Relu", "LeakyRelu", "Clip", "Sigmoid"),
    *("MaxPool", "AveragePool", "GlobalAveragePool"),
    *("Concat", "Flatten", "Reshape", "Squeeze", "Transpose", "Pad"),
)


def quantize(graph: Path, images: NDArray[np.float32], into: Path) -> None:
    """Write the int8 counterpart of a float32 graph.

    It takes and returns what ``graph`` does: float32, batches of any size, normalisation
    inside.

    Weights are int8 with a scale a channel, activations uint8 with a scale a tensor: the
    one pair for which ONNX Runtime has kernels on x86's VNNI; with both of one sign a
    network is slower than in float32.  Without VNNI such products may overflow their 16-bit
    sums and cost accuracy, which the caller measures.

    Args:
        graph: ONNX file with one input.
        images: what the graph takes, float32 (images, channels, height, width), as varied
            as what it will be asked; from the training split.
        into: ONNX file to write.
    """
    assert len(images) > 0
    with TemporaryDirectory(prefix="quantize-") as scratch:
        # Folds batch norms into convolutions. Shapes are known but for the batch: the
        # symbolic inference that transformers need would only cost seconds.
        prepared = Path(scratch) / graph.name
        quant_pre_process(str(graph), str(prepared), skip_symbolic_shape=True)
        model = onnx.load(prepared)
        quantize_static(
            str(prepared),
            str(into),
            _Images(model.graph.input[0].name, images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(_OPERATORS),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            # The whole range, clipping nothing: on validation images entropy chose the same
            # and percentiles lost accuracy. Histograms also hold every activation at once.
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=kept_float(model.graph.node),
        )


def kept_float(nodes: Sequence[onnx.NodeProto]) -> list[str]:
    """Names of the nodes that stay in float32, where rounding costs most and saves least.

    These are a convolution that reads the image, which has too few channels to be any
    faster in integers, with all before it, and the layer that gives the outputs, with all
    after it: an eighth bit does not resolve small probabilities.  Where no layer lies
    between these two, all layers are quantised.

    Args:
        nodes: of a graph, in the order of execution; some of them layers.
    """
    layers = [place for place, node in enumerate(nodes) if node.op_type in _LAYERS]
    first, last = layers[0], layers[-1]
    begin = first + 1 if nodes[first].op_type == _CONVOLUTION else first
    if not any(begin <= place < last for place in layers):
        begin, last = first, last + 1
    return [node.name for place, node in enumerate(nodes) if not begin <= place < last]


class _Images(CalibrationDataReader):
    """Images in batches, as ONNX Runtime asks for them."""

    def __init__(self, name: str, images: NDArray[np.float32]) -> None:
        starts = range(0, len(images), _BATCH)
        self._feeds = iter([{name: images[at : at + _BATCH]} for at in starts])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._feeds, None)
