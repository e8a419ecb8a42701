"""The ONNX file in BentoML, with adaptive batching.

BentoML's main server takes JSON and forms alone, so images come as base64 of their float32
bytes, many times faster to read than JSON numbers.
"""

from __future__ import annotations

import base64
import os

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(
    workers=int(os.environ["BENCH_WORKERS"]),
    traffic={"timeout": 60},
    logging={"access": {"enabled": False}},
)
class Classifier:
    """The graph of ``BENCH_GRAPH``."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ["BENCH_THREADS"])
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(os.environ["BENCH_GRAPH"], options)
        self.shape = self.session.get_inputs()[0].shape[1:]

    @bentoml.api(batchable=True, max_batch_size=32, max_latency_ms=10_000)
    def predict(self, images: list[str]) -> list[list[float]]:
        """Base64 of images to the probabilities of each."""
        pixels = np.frombuffer(b"".join(map(base64.b64decode, images)), np.float32)
        (output,) = self.session.run(None, {"images": pixels.reshape(-1, *self.shape)})
        return output.tolist()
