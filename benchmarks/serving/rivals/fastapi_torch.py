"""The server that one writes first: FastAPI, uvicorn, and the network in eager torch.

    python benchmarks/serving/rivals/fastapi_torch.py FOLDER PORT WORKERS

float32 pixels come as raw bytes and probabilities go as raw bytes, which is the least that
HTTP can cost.  The network runs in the event loop: a thread would only add its hand-over,
as torch takes all its threads for one request.  There is no access log.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
import uvicorn
from fastapi import FastAPI, Request, Response

from secateur import artifacts
from secateur.training.preprocess import Normalize

FOLDER, PORT, WORKERS = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
BINARY = "application/octet-stream"


def create_app() -> FastAPI:
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // WORKERS))
    network, manifest = artifacts.load(FOLDER)
    model = torch.nn.Sequential(
        Normalize(manifest.mean, manifest.std), network, torch.nn.Softmax(dim=1)
    ).eval()
    shape = (-1, *manifest.architecture.input_shape)
    app = FastAPI()

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        body = bytearray(await request.body())
        images = torch.frombuffer(body, dtype=torch.float32).reshape(shape)
        with torch.inference_mode():
            probabilities = model(images)
        return Response(probabilities.numpy().tobytes(), media_type=BINARY)

    return app


if __name__ == "__main__":
    uvicorn.run(
        "fastapi_torch:create_app",
        factory=True,
        host="127.0.0.1",
        port=PORT,
        workers=WORKERS,
        access_log=False,
        log_level="warning",
        timeout_worker_healthcheck=60,  # importing torch may take longer than the default
    )
