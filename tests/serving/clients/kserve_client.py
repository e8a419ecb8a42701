"""KServe's client of the inference protocol; prints what it got as a line of JSON."""

from __future__ import annotations

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

NAME = "brightness"


async def ask(url: str) -> dict[str, object]:
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    found: dict[str, object] = {
        "live": await client.is_server_live(url),
        "ready": await client.is_server_ready(url) and await client.is_model_ready(url, NAME),
    }
    bright = []
    for binary_in in (True, False):
        for binary_out in (None, True, False):
            tensor = InferInput("images", [1, 1, 4, 4], "FP32")
            tensor.set_data_from_numpy(np.ones((1, 1, 4, 4), np.float32), binary_data=binary_in)
            outputs = None
            if binary_out is not None:
                outputs = [RequestedOutput("probabilities", parameters={"binary_data": binary_out})]
            request = InferRequest(model_name=NAME, infer_inputs=[tensor], request_outputs=outputs)
            answer = await client.infer(url, request, model_name=NAME)
            bright.append(answer.outputs[0].as_numpy()[0, 1].item())
    found["bright"] = bright
    return found


print(json.dumps(asyncio.run(ask(f"http://{sys.argv[1]}"))))
