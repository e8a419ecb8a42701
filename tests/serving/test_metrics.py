from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from serving.admission import Admission
from serving.errors import UnavailableError
from serving.limits import Limits
from serving.metrics import Metrics, exposition, together
from tests.serving.kinds import Refused, ServeFolder

INFER = "/v2/models/brightness/infer"
ASKED = {
    "inputs": [{"name": "images", "shape": [1, 1, 4, 4], "datatype": "FP32", "data": [1] * 16}]
}


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample of a scrape, by name and values of labels; those are in alphabetical order."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_model_version_and_status(
    serve_folder: ServeFolder, saved: Path
) -> None:
    send = serve_folder(saved)
    for request in ({"json": ASKED}, {"json": ASKED}, {"content": b""}):
        send("POST", INFER, **request)
    for path in ("/v2/models/stranger", "/v2/models/other"):
        send("GET", path)
    answer = send("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    requests = {key[1:]: value for key, value in found.items() if key[0].endswith("requests_total")}
    assert requests == {
        ("brightness", "200", "7"): 2,
        ("brightness", "400", "7"): 1,
        ("", "404", ""): 2,  # what strangers ask for makes no series of its own
    }
    assert found["secateur_request_seconds_count", "brightness"] == 3
    assert found["secateur_request_seconds_bucket", "+Inf", "brightness"] == 3
    assert found["secateur_queue_requests",] == 0


def test_the_queue_and_the_batches() -> None:
    admission, metrics = Admission(Limits()), Metrics()
    metrics.watch(admission)
    metrics.observe_batch(1)
    metrics.observe_batch(5)
    with admission.place() as place:
        place.hold(100)
        found = samples(exposition(metrics.families()).decode())
    assert found["secateur_queue_requests",] == 1
    assert found["secateur_queue_bytes",] == 100
    assert found["secateur_batch_images_count",] == 2
    assert found["secateur_batch_images_sum",] == 6
    assert found["secateur_batch_images_bucket", "4.0"] == 1
    assert found["secateur_batch_images_bucket", "8.0"] == 2


def test_replicas_are_told_apart() -> None:
    """Their sum would fall when one ends, which looks as if all began to count anew."""
    first, second = Metrics(), Metrics()
    first.observe("m", "1", 200, 0.004)
    for status in (200, 404):
        second.observe("m", "1", status, 0.2)
    # As they come from other processes.
    replicas = {
        name: pickle.loads(pickle.dumps(metrics.families()))
        for name, metrics in (("a", first), ("b", second))
    }
    found = samples(exposition(together(replicas)).decode())
    requests = {key: value for key, value in found.items() if key[0] == "secateur_requests_total"}
    assert requests == {
        ("secateur_requests_total", "m", "a", "200", "1"): 1,
        ("secateur_requests_total", "m", "b", "200", "1"): 1,
        ("secateur_requests_total", "m", "b", "404", "1"): 1,
    }
    assert found["secateur_request_seconds_sum", "m", "b"] == pytest.approx(0.4)
    # Buckets are cumulative: one of 4 ms, two of 200 ms.
    assert found["secateur_request_seconds_bucket", "0.005", "m", "a"] == 1
    assert found["secateur_request_seconds_bucket", "0.25", "m", "b"] == 2


def test_a_replica_that_does_not_tell(
    serve_folder: ServeFolder, saved: Path, refused: Refused
) -> None:
    async def gather() -> Sequence[Metric]:
        raise UnavailableError("not every replica told its metrics")

    refused(serve_folder(saved, gather=gather)("GET", "/metrics"), 503, "not every replica")
