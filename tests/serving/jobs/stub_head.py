"""Ray's Jobs API as its OpenAPI document has it, without Ray: jobs do what a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from typing import Any


class StubHead:
    """A head.

    Attributes:
        url: of it.
        jobs: as the API tells them, by submission id.
        texts: logs, by submission id.
        plays: is called with the id of each submission that is taken.
        refusals: answers to the next submissions, instead of taking them: status and text.
        deaf: how many times a job is not there yet to be stopped.
        away: how many requests are answered as by a proxy whose head is away.
        token: that is asked for; none where absent.
        version: of Ray.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.texts: dict[str, str] = {}
        self.plays: Callable[[str], None] = lambda job: None
        self.refusals: list[tuple[int, str]] = []
        self.deaf = self.away = 0
        self.token: str | None = None
        self.version = version("ray")
        self.url = ""
        self._lock = threading.RLock()

    def answer(self, method: str, path: str, token: str, content: Any) -> tuple[int, str]:
        if self.token is not None and token != f"Bearer {self.token}":
            return (403, "Forbidden") if token else (401, "Unauthorized")
        if self.away:
            self.away -= 1
            return 503, "no head"
        if path == "/api/version":
            return 200, json.dumps({"ray_version": self.version})
        with self._lock:
            if path == "/api/jobs/" and method == "GET":
                return self._list()
            if path == "/api/jobs/":
                return self._submit(content)
            job, _, what = path.removeprefix("/api/jobs/").partition("/")
            return self._one(job, what) if job in self.jobs else (404, f"Job {job} does not exist")

    def _one(self, job: str, what: str) -> tuple[int, str]:
        if what == "logs":
            return 200, json.dumps({"logs": self.texts[job]})
        if what == "stop" and self.deaf:
            self.deaf -= 1
            return 200, json.dumps({"stopped": False})
        if what == "stop":
            self.jobs[job] |= {"status": "STOPPED", "end_time": _now()}
            return 200, json.dumps({"stopped": True})
        return 200, json.dumps(self.jobs[job])

    def print(self, job: str, *lines: str) -> None:
        with self._lock:
            self.texts[job] += "".join(f"{line}\n" for line in lines)

    def move(self, job: str, **news: Any) -> None:
        with self._lock:
            self.jobs[job] |= news

    def end(self, job: str, code: int) -> None:
        tail = "\n".join(self.texts[job].splitlines()[-10:])
        failed = {"status": "FAILED", "message": f"failed, last available logs:\n{tail}"}
        news = failed if code else {"status": "SUCCEEDED", "message": "Job finished successfully."}
        self.move(job, driver_exit_code=code, end_time=_now(), **news)

    def _submit(self, content: Any) -> tuple[int, str]:
        if self.refusals:
            return self.refusals.pop(0)
        job = content["submission_id"]
        if job in self.jobs:
            return 500, f"Traceback:\nValueError: Job with submission_id {job} already exists."
        self.texts[job] = f"INFO -- Runtime env is setting up.\nRunning entrypoint for job {job}:\n"
        self.jobs[job] = {
            "type": "SUBMISSION",
            "submission_id": job,
            "status": "PENDING",
            "message": "Job has not started yet.",
            "start_time": _now(),
            "end_time": None,
            "driver_exit_code": None,
            "metadata": content["metadata"],
            "entrypoint": content["entrypoint"],
            "runtime_env": content["runtime_env"],
        }
        self.plays(job)
        return 200, json.dumps({"submission_id": job})

    def _list(self) -> tuple[int, str]:
        # Others run jobs on a cluster as well: a driver, and somebody's own submission.
        others = [
            {"type": "DRIVER", "status": "RUNNING", "metadata": {}},
            {"type": "SUBMISSION", "status": "RUNNING", "metadata": None},
        ]
        return 200, json.dumps([*self.jobs.values(), *others])


@contextmanager
def stub_head() -> Iterator[StubHead]:
    """A head that answers on loopback."""
    head = StubHead()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            content = json.loads(body) if body else None
            token = self.headers.get("Authorization", "")
            status, text = head.answer(self.command, self.path, token, content)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    head.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield head
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _now() -> int:
    return int(time.time() * 1000)
