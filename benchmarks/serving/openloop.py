"""Open-loop load: requests are due at a constant rate, whether answers come or not.

Times count from when a request was due, not from when a connection was free to send it
(Tene, "How not to measure latency"): a server that stalls is charged for all that had to
wait.  Connections are kept alive; what a server closes is opened again.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

OK = 200


@dataclass
class Tally:
    """What became of the requests.

    Attributes:
        sent: requests that were due.
        statuses: answers with another status than 200, by status.
        broken: connections refused or cut before the end of an answer, by what was wrong.
        hung: requests without an answer in time.
        milliseconds: from the moment it was due to its end, of each answer with status 200.
        failures: seconds from the start, of everything else.
        longest: milliseconds of the slowest answer, whatever its status.
        in_hand: requests that are out now.
    """

    sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    hung: int = 0
    milliseconds: list[float] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)
    longest: float = 0.0
    in_hand: int = 0

    def percentile(self, share: float) -> float:
        """Milliseconds that the share of good answers did not exceed."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def message(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A POST request as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class OpenLoop:
    """Requests to one port of loopback.

    Args:
        port: of the server.
        request: from ``message``.
        rate: requests a second.
        connections: at most; requests that are due beyond wait for one.
        patience: seconds until a request counts as hung.
    """

    def __init__(
        self, port: int, request: bytes, rate: float, connections: int, patience: float = 60.0
    ) -> None:
        self._port, self._request, self._rate = port, request, rate
        self._connections, self._patience = connections, patience
        self._next = 0
        self.tally = Tally()

    async def run(self, seconds: float) -> None:
        """Send ``rate * seconds`` requests, and await the last answer."""
        self._total = round(self._rate * seconds)
        self._start = time.perf_counter()
        await asyncio.gather(*(self._connection() for _ in range(self._connections)))

    async def _connection(self) -> None:
        """Take the next request, wait until it is due, send it, and so on."""
        stream: _Stream | None = None
        while self._next < self._total:
            due = self._start + self._next / self._rate
            self._next += 1
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            stream = await self._send(stream, due)
        if stream:
            stream.close()

    async def _send(self, stream: _Stream | None, due: float) -> _Stream | None:
        """The connection for the next request; none where it is of no use any more."""
        tally = self.tally
        tally.sent += 1
        tally.in_hand += 1
        status = 0
        try:
            async with asyncio.timeout(self._patience):
                stream = stream or await _Stream.open(self._port)
                status = await stream.ask(self._request)
        except TimeoutError:
            tally.hung += 1
        except (OSError, EOFError, ValueError) as error:
            tally.broken[f"{type(error).__name__}: {error}"] += 1
        finally:
            tally.in_hand -= 1
        self._count(status, due)
        if stream and (not status or stream.closing):
            stream.close()
            return None
        return stream

    def _count(self, status: int, due: float) -> None:
        now = time.perf_counter()
        if status == OK:
            self.tally.milliseconds.append(1000 * (now - due))
        else:
            self.tally.failures.append(now - self._start)
            if status:
                self.tally.statuses[status] += 1
        if status:
            self.tally.longest = max(self.tally.longest, 1000 * (now - due))


class _Stream:
    """A kept-alive connection, reading just what a status and a length need."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.closing = False

    @classmethod
    async def open(cls, port: int) -> _Stream:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> int:
        """Send, read the whole answer, and return its status."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, found, rest = head.partition(b"\r\ncontent-length:")
        if not found:
            raise ValueError("no Content-Length in the answer")
        await self._reader.readexactly(int(rest.partition(b"\r\n")[0]))
        self.closing = b"connection: close" in head
        return int(head[9:12])

    def close(self) -> None:
        with suppress(OSError):
            self._writer.close()
