"""Hosts of their own on this machine: namespaces of its network, around one switch."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.chaos.cluster import HEAD, WORKERS, Host

_SUBNET = "10.97.0"


class Network:
    """A switch and three hosts, which see each other and nothing else.

    Args:
        prefix: of the namespaces' names.

    Attributes:
        hosts: of a cluster, by their names.
    """

    def __init__(self, prefix: str) -> None:
        self._switch, names = f"{prefix}-switch", (HEAD, *WORKERS)
        self._spaces = {name: f"{prefix}-{name}" for name in names}
        self.hosts = {
            name: Host(f"{_SUBNET}.{place}", ("ip", "netns", "exec", space))
            for place, (name, space) in enumerate(self._spaces.items(), start=1)
        }

    def build(self) -> None:
        """Make the namespaces and their wires."""
        for space in (self._switch, *self._spaces.values()):
            _ip("netns", "add", space)
            _ip("-n", space, "link", "set", "lo", "up")
        _ip("-n", self._switch, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "bridge", "up")
        for name, space in self._spaces.items():
            _ip("-n", space, "link", "add", "wire", "type", "veth",
                "peer", "name", _port(name), "netns", self._switch)  # fmt: skip
            _ip("-n", self._switch, "link", "set", _port(name), "master", "bridge", "up")
            _ip("-n", space, "address", "add", f"{self.hosts[name].address}/24", "dev", "wire")
            _ip("-n", space, "link", "set", "wire", "up")
            # Ray asks its own address of the way out, though nothing is there.
            _ip("-n", space, "route", "add", "default", "dev", "wire")

    def cut(self, name: str | int) -> None:
        """Take a host from the network; nothing on it is told."""
        _ip("-n", self._switch, "link", "set", _port(name), "down")

    def mend(self, name: str | int) -> None:
        """Put a host back."""
        _ip("-n", self._switch, "link", "set", _port(name), "up")

    def remove(self) -> None:
        """Take the namespaces away, as far as they were made."""
        for space in (self._switch, *self._spaces.values()):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


@contextmanager
def network() -> Iterator[Network]:
    """A network of hosts; a test that may not make one is skipped."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root makes namespaces, with the program ip of iproute2")
    made = Network(f"secateur{os.getpid()}")
    try:
        try:
            made.build()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
        yield made
    finally:
        made.remove()


def _port(name: str | int) -> str:
    """Of the switch, where the wire of a host ends."""
    return f"to-{name}"


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
