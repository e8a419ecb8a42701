"""What the serving benchmark reads, counts and writes, without a server of any kind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest

from benchmarks.sections import serving as section
from benchmarks.serving import bodies, load
from benchmarks.serving.footprint import footprint, named, tree
from benchmarks.serving.openloop import OpenLoop, message
from benchmarks.serving.soak import tenths
from serving import protocol, tensors

# wrk's own words, and the line of post.lua behind them.
WRK = """Running 4s test @ http://127.0.0.1:8000/predict
  1 threads and 32 connections
{"requests": 8000, "microseconds": 4000000, "failed": 3, "p50": 7450, "p99": 21600}
"""


def test_the_figures_of_wrk() -> None:
    found = load.parse(WRK)
    assert (found.rate, found.failed, found.p50, found.p99) == (2000.0, 3, 7.45, 21.6)


@pytest.mark.parametrize("spoken", [bodies.RAW, bodies.V2, bodies.V2_TEXT, bodies.BENTO])
def test_answers_are_read_as_they_are_given(spoken: bodies.Protocol) -> None:
    given = {
        bodies.RAW: ({}, np.array([0.25, 0.75], "<f4").tobytes()),
        bodies.V2: (
            {"inference-header-content-length": "2"},
            b"{}" + np.array([0.25, 0.75], "<f4").tobytes(),
        ),
        bodies.V2_TEXT: ({}, b'{"outputs": [{"data": [0.25, 0.75]}]}'),
        bodies.BENTO: ({}, b"[[0.25, 0.75]]"),
    }
    assert spoken.decode(*given[spoken]).tolist() == [0.25, 0.75]


def test_our_server_takes_the_body_that_is_sent_to_it() -> None:
    images = np.arange(8, dtype=np.float32).reshape(2, 1, 2, 2)
    headers, body = bodies.V2.encode(images)
    text, binary = tensors.split(body, int(headers["Inference-Header-Content-Length"]))
    taken = tensors.pixels(protocol.parse(text), (1, 2, 2), binary)
    assert np.array_equal(taken, images)


def test_the_footprint_counts_the_processes_below() -> None:
    # A shell whose child works for some ticks of the clock, then waits for its input to end.
    spin = "import sys, time\nwhile time.process_time() < 0.05: pass\n"
    work = f"{spin}print(flush=True)\nsys.stdin.read()"
    command = ["sh", "-c", f"'{sys.executable}' -c '{work}'; :"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        found, pids = footprint(process.pid), tree(process.pid)
        child = named(process.pid, "sys.stdin.read")
        process.communicate()
    assert found.processes == len(pids) == 2
    assert found.resident_bytes > 5e6  # an interpreter alone
    assert found.cpu_seconds >= 0.04
    assert child == pids  # the shell's command line holds the words as well
    assert footprint(process.pid).processes == 0
    assert os.getpid() not in pids


# The protocol's own header ends in the words of the one that counts.
OK = b"HTTP/1.1 200 OK\r\ninference-header-content-length: 1\r\ncontent-length: 2\r\n\r\n{}"
FULL = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\ncontent-le"


async def _load(answers: list[bytes], patience: float = 60.0) -> tuple[OpenLoop, list[bytes]]:
    """One connection's load on a server that answers as told, and what that was asked.

    It hangs up after what is no whole answer, and says nothing more where that is empty.
    """
    left, requests = iter(answers), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                requests.append(head + await reader.readexactly(2))
                answer = next(left)
                writer.write(answer)
                if answer in (CUT, FULL):
                    break
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    loop = OpenLoop(port, message("/p", {"A": "b"}, b"xy"), 1000.0, 1, patience)
    await loop.run(len(answers) / 1000)
    server.close()
    return loop, requests


def test_an_open_loop_counts_every_request_once() -> None:
    loop, requests = asyncio.run(_load([OK, FULL, OK, CUT, OK]))
    tally = loop.tally
    expected = b"POST /p HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nA: b\r\n\r\nxy"
    assert requests == [expected] * 5
    assert (tally.sent, len(tally.milliseconds), tally.statuses) == (5, 3, {429: 1})
    assert (tally.broken.total(), tally.hung, len(tally.failures), tally.in_hand) == (1, 0, 2, 0)
    # In order, 3 of 3 at half: the second.
    assert tally.percentile(0.5) == sorted(tally.milliseconds)[1]


def test_a_request_without_an_answer_hangs_for_as_long_as_one_is_patient() -> None:
    loop, _ = asyncio.run(_load([b""], patience=0.05))
    assert (loop.tally.sent, loop.tally.hung, loop.tally.broken.total()) == (1, 1, 0)


def test_memory_is_compared_between_the_first_and_the_last_tenth() -> None:
    # 30 samples: medians of the first three and of the last three.
    assert tenths([9, 1, 2, *[50] * 24, 7, 8, 30]) == (2, 8)
    assert tenths([5]) == (5, 5)


FACTS = dict.fromkeys(
    ("processor", "cores", "load_before", "torch", "ray", "torch-pruning", "python", "date",
     "command"), "known",
)  # fmt: skip


def _server(name: str, rates: list[float], p50: float = 2.0) -> dict[str, object]:
    def figures(rate: float) -> dict[str, float]:
        return {"rate": rate, "p50": p50, "p99": 9.0, "cpu_ms": 0.5, "failed": 1,
                "resident_bytes": 4e8}  # fmt: skip

    rounds = [{at: figures(rate) for at in ("1", "8", "32")} for rate in rates]
    return {"server": name, "network": "dense", "protocol": "words", "rounds": rounds}


def test_the_section_says_what_was_measured() -> None:
    result = {
        "hardware": FACTS,
        "network": {
            "architecture": "lenet",
            "input_shape": [1, 28, 28],
            "target": 0.75,
            "flops": [833_040, 168_912],
        },
        "servers": {
            "secateur, dense": _server("secateur", [3000.0, 2000.0, 1000.0], p50=3.0),
            "fastapi-torch, dense": _server("fastapi-torch", [1000.0, 500.0, 1000.0]),
            "mlserver, dense": _server("mlserver", []) | {"failed": "it ended; see a log"},
        },
    }
    text = "\n".join(section.lines({"lenet": result}))
    # Nine failures: one in each of three rounds at each of three concurrencies.
    assert (
        "| secateur, dense | 2,000 (1,000 to 3,000) | 2,000 (1,000 to 3,000) | "
        "2,000 (1,000 to 3,000) | 3.00 (3.00 to 3.00) | 3.0 (3.0 to 3.0) | 9.0 (9.0 to 9.0) | "
        "0.50 (0.50 to 0.50) | 400 (400 to 400) | 9 |"
    ) in text
    # By rounds: 3000 / 1000, 2000 / 500 and 1000 / 1000, so 3 (1 to 4).
    assert "3.00 (1.00 to 4.00) times the requests a second at 32" in text
    assert "1.50 (1.50 to 1.50) times the p50 at 1." in text
    assert "mlserver, dense could not be measured: it ended; see a log." in text
    assert "| mlserver" not in text


def test_the_section_says_what_long_runs_showed() -> None:
    run = {
        "hardware": FACTS,
        "network": "resnet18 -85% int8",
        "minutes": 10,
        "share": 0.8,
        "rate": 320.0,
        "replicas": 2,
        "sent": 192_000,
        "statuses": {"502": 2, "503": 1},
        "broken": {"ConnectionResetError: by peer": 4},
        "hung": 0,
        "p50": 5.0,
        "p99": 20.0,
        "longest": 1500.0,
        "resident_bytes": [1e9, 1.02e9],
    }
    killed = run | {"killed_at": 20.0, "in_hand": 8, "failing_seconds": 0.3, "minutes": 1}
    text = "\n".join(section.lines({"soak": run, "kill": killed}))
    lost = "3 refused with an error status, 4 cut off without an answer, 0 left hanging"
    assert text.count(lost) == 2
    assert "1,000 MB in the first tenth after the warm-up, 1,020 MB in the last (+2.0%)" in text
    assert "At the kill 8 requests were out. The last failure came 0.3 s after it (0" in text
