"""The ONNX file in MLServer, as its guide to custom runtimes has it.

MLServer's REST takes JSON alone, so images come as base64 of their float32 bytes (its own
``Base64Codec``), many times faster to read than JSON numbers.
"""

from __future__ import annotations

import os

import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import Base64Codec, NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Classifier(MLModel):
    """The graph of ``BENCH_GRAPH``."""

    async def load(self) -> bool:
        """Open it."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ["BENCH_THREADS"])
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(os.environ["BENCH_GRAPH"], options)
        self._shape = self._session.get_inputs()[0].shape[1:]
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Base64 of images to the probabilities of each."""
        images = Base64Codec.decode_input(payload.inputs[0])
        pixels = np.frombuffer(b"".join(images), np.float32).reshape(-1, *self._shape)
        (output,) = self._session.run(None, {"images": pixels})
        outputs = [NumpyCodec.encode_output("probabilities", output)]
        return InferenceResponse(model_name=self.name, outputs=outputs)
