"""NVIDIA's client of the inference protocol; prints what it got as a line of JSON."""

from __future__ import annotations

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

NAME, IMAGES = "brightness", np.stack([np.zeros((1, 4, 4)), np.ones((1, 4, 4))])


def tensor(images: np.ndarray, *, binary: bool) -> triton.InferInput:
    made = triton.InferInput("images", images.shape, "FP32")
    made.set_data_from_numpy(images.astype(np.float32), binary_data=binary)
    return made


def main(address: str) -> None:
    client = triton.InferenceServerClient(address)
    found: dict[str, object] = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready() and client.is_model_ready(NAME, "7"),
        "extensions": client.get_server_metadata()["extensions"],
        "labels": client.get_model_metadata(NAME)["parameters"]["labels"],
    }
    bright = []
    for binary_in in (True, False):
        for outputs in (None, *[[triton.InferRequestedOutput("probabilities", binary_data=binary)]
                                for binary in (True, False)]):  # fmt: skip
            for encoding in (None, "gzip", "deflate"):
                result = client.infer(
                    NAME,
                    [tensor(IMAGES, binary=binary_in)],
                    outputs=outputs,
                    request_compression_algorithm=encoding,
                    response_compression_algorithm=encoding,
                )
                bright.append(result.as_numpy("probabilities")[:, 1].tolist())
    found["bright"] = bright
    best = [triton.InferRequestedOutput("probabilities", class_count=1)]
    result = client.infer(NAME, [tensor(IMAGES, binary=True)], outputs=best)
    found["best"] = [[text.decode() for text in row] for row in result.as_numpy("probabilities")]
    # Large enough to come back compressed.
    many = np.repeat(IMAGES, 100, axis=0)
    for encoding in ("gzip", "deflate"):
        result = client.infer(
            NAME, [tensor(many, binary=True)], response_compression_algorithm=encoding
        )
        found[encoding] = result.as_numpy("probabilities").shape
    try:
        client.infer(NAME, [tensor(np.zeros((1, 1, 4, 5)), binary=True)])
    except InferenceServerException as error:
        found["error"] = [error.status(), error.message()]
    print(json.dumps(found))


main(sys.argv[1])
