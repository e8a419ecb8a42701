"""What Ray Serve starts as HAProxy: makes the configuration ours, and becomes the program.

Ray writes HAProxy's configuration anew whenever the replicas change, and lets nothing else
into it: statistics and metrics would be open on every address, and errors would be plain
text.  But it lets the program be named, so that this stands in between:

    python -IS haproxy.py FRONT.json PROGRAM -db -f haproxy.cfg ...

Runs on the standard library alone, in some 30 ms.  Source: HAProxy 2.8, Configuration Manual.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

Sections = dict[str, list[str]]

_PUBLIC: Final = "frontend http_frontend"
_UNROUTED: Final = "backend default_backend"
_DEFAULTS: Final = "defaults"
# Both listen on every address.
_UNWANTED: Final = ("frontend prometheus", "listen stats")
# Requests are in the access log of the replicas.
_DROPPED: Final = ("log ", "option httplog", "option log-health-checks", "errorfile ")
_REPLACED: Final = (*_DROPPED, "timeout client ", "bind ", "http-request return status 404 ")
_PLAIN_ID: Final = "^[A-Za-z0-9._:-]{1,128}$"
_UNAVAILABLE: Final = "503"
_LONG_HEADERS: Final = "431"
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True)
class Front:
    """What clients meet.

    Attributes:
        address: to listen on, ``host:port``.
        client_seconds: that a client may take for its headers, or be silent in its body.
        server_seconds: that a replica may take to answer.
        header_bytes: of a request, at most.
        repeated_bytes: of a body, at most, for another replica to be asked if one dies.
        retry_after: seconds after which to ask a server again that is not ready.
        errors: message by status, for what HAProxy answers itself.
        orders: names of request headers that are for Serve, and not for clients to send.
    """

    address: str
    client_seconds: int
    server_seconds: int
    header_bytes: int
    repeated_bytes: int
    retry_after: int
    errors: Mapping[str, str]
    orders: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """What ``write`` has written."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Write for the program that is started next."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def fits(template: str) -> bool:
    """Whether a configuration has the sections that ``ours`` knows."""
    lines = {line.strip() for line in template.splitlines()}
    return lines >= {"global", _DEFAULTS, _PUBLIC, _UNROUTED, *_UNWANTED}


def ours(config: str, front: Front) -> str:
    """Ray's configuration, with our address, times and errors and without its open ports."""
    assert fits(config), "not as Ray 2.60 writes it"
    sections = {
        name: [line for line in lines if not line.strip().startswith(_REPLACED)]
        for name, lines in _sections(config).items()
        if name not in _UNWANTED
    }
    sections["global"] = [line.replace("mode 666", "mode 600") for line in sections["global"]]
    sections[_DEFAULTS] += _defaults(front)
    sections[_PUBLIC] = [f"bind {front.address}", *_requests(front), *sections[_PUBLIC]]
    sections[_UNROUTED].append(f"http-request deny deny_status {_UNAVAILABLE}")
    return "".join(
        f"{name}\n" + "".join(f"    {line.strip()}\n" for line in lines)
        for name, lines in sections.items()
    )


def _sections(config: str) -> Sections:
    """Lines of each section, without comments, by the section's first line."""
    sections: Sections = {}
    for line in config.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            sections[line.strip()] = []
        else:
            sections[list(sections)[-1]].append(line)
    return sections


def _defaults(front: Front) -> Iterator[str]:
    yield f"timeout client {front.client_seconds}s"
    yield f"timeout http-request {front.client_seconds}s"
    yield f"timeout server {front.server_seconds}s"
    for status in set(front.errors) - {_LONG_HEADERS}:
        yield f"http-error {_answer(front, status)}"


def _answer(front: Front, status: str) -> str:
    body = json.dumps({"error": front.errors[status]}, separators=(",", ":"))
    answer = f"status {status} content-type application/json string '{body}'"
    return f"{answer} hdr Retry-After {front.retry_after}" if status == _UNAVAILABLE else answer


def _requests(front: Front) -> Iterator[str]:
    """Every request has one id, which its answer gives back; orders to Serve are dropped."""
    yield "unique-id-format %[uuid]"
    yield "http-request set-var(txn.id) unique-id"
    yield (
        "http-request set-var(txn.id) req.fhdr(x-request-id) "
        f"if {{ req.fhdr(x-request-id) -m reg '{_PLAIN_ID}' }}"
    )
    yield "http-request set-header x-request-id %[var(txn.id)]"
    yield "http-after-response set-header x-request-id %[var(txn.id)] if { var(txn.id) -m found }"
    yield (
        f"http-request return {_answer(front, _LONG_HEADERS)} "
        f"if {{ req.hdrs,length gt {front.header_bytes} }}"
    )
    # A request is asked again only if all of it was there when it was asked first.
    yield (
        f"http-request wait-for-body time {front.client_seconds}s "
        f"if {{ req.hdr_val(content-length) -m int 1:{front.repeated_bytes} }}"
    )
    for name in front.orders:
        yield f"http-request del-header {name}"


def main(front: str, program: str, *arguments: str) -> None:
    """Rewrite the configuration that ``arguments`` name, and become ``program``."""
    config = Path(arguments[arguments.index("-f") + 1])
    text = ours(config.read_text(encoding="utf-8"), Front.read(Path(front)))
    config.write_text(text, encoding="utf-8")
    # A terminal's Ctrl-C is for the command, which drains; and nothing outlives its Ray.
    os.setsid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    main(*sys.argv[1:])
