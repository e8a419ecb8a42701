"""HAProxy's configuration as Ray writes it, made ours; and what decides whether it is used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ray.serve._private.haproxy import BackendConfig, HAProxyApi, HAProxyConfig, ServerConfig
from ray.serve._private.haproxy_templates import HAPROXY_CONFIG_TEMPLATE
from ray.serve.config import HTTPOptions

from serving import ingress
from serving.errors import ServerStartError
from serving.haproxy import Front, fits, ours
from serving.limits import Limits
from serving.spec import ServeSpec

FRONT = Front(
    address="127.0.0.1:8000",
    client_seconds=15,
    server_seconds=45,
    header_bytes=16384,
    repeated_bytes=200_000,
    retry_after=1,
    errors={"431": "too long", "502": "it died", "503": "not ready"},
    orders=("x-order",),
)
PROGRAM = "RAY_SERVE_HAPROXY_BINARY_PATH"


@pytest.fixture
def rendered(tmp_path: Path) -> str:
    """What Ray writes for one replica and its fallback."""
    server, spare = (ServerConfig(name, "127.0.0.1", 30000) for name in ("replica", "spare"))
    backend = BackendConfig(
        "http-app", "/", app_name="app", servers=[server], fallback_server=spare
    )
    config = HAProxyConfig(
        socket_path=str(tmp_path / "s"),
        server_state_base=str(tmp_path),
        server_state_file=str(tmp_path / "state"),
        http_options=HTTPOptions(host="127.0.0.1", port=1),
        metrics_enabled=False,
        has_received_routes=True,
        is_head=True,
    )
    path = tmp_path / "cfg"
    HAProxyApi(config, {"http-app": backend}, str(path))._generate_config_file_internal()
    return path.read_text(encoding="utf-8")


def test_ray_writes_what_we_know() -> None:
    assert fits(HAPROXY_CONFIG_TEMPLATE)
    assert not fits(HAPROXY_CONFIG_TEMPLATE.replace("listen stats", "listen statistics"))


def test_one_address_alone_is_listened_on(rendered: str) -> None:
    assert rendered.count("bind ") == 3  # clients, metrics, statistics
    (line,) = (line.strip() for line in ours(rendered, FRONT).splitlines() if "bind " in line)
    assert line == "bind 127.0.0.1:8000"


def test_what_ray_asks_for_stays(rendered: str) -> None:
    changed = ours(rendered, FRONT)
    for line in rendered.splitlines():
        if line.strip().startswith(("server ", "use_backend ", "acl is_", "stats timeout")):
            assert line.strip() in changed
    assert "mode 600 level admin" in changed


def test_haproxy_takes_it(rendered: str, tmp_path: Path) -> None:
    program = ingress._program()
    assert program is not None, "the locked dependencies bring HAProxy to Linux"
    (tmp_path / "ours").write_text(ours(rendered, FRONT))
    command = [program, "-c", "-f", str(tmp_path / "ours")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_a_front_is_read_as_it_was_written(tmp_path: Path) -> None:
    FRONT.write(tmp_path / "front")
    assert ours_of(Front.read(tmp_path / "front")) == ours_of(FRONT)


def ours_of(front: Front) -> str:
    sections = ("global", "defaults", "frontend http_frontend", "backend default_backend")
    return ours("\n".join((*sections, "frontend prometheus", "listen stats")), front)


@pytest.fixture
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that does not know of the session's own Ray."""
    for name in ingress.variables("serve", Path(), Limits()).keys() | {PROGRAM}:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("nothing_named")
def test_serves_own_proxy_where_it_is_asked_for() -> None:
    with ingress.prepared(ServeSpec(ingress="serve")) as kind:
        assert kind == "serve"
        assert os.environ["RAY_SERVE_ENABLE_HA_PROXY"] == "0"
        assert ingress.open_front(ServeSpec(host="127.0.0.2"), 8000) == "127.0.0.2"
        with pytest.raises(ServerStartError, match="started for ingress 'serve'"):
            ingress.open_front(ServeSpec(ingress="haproxy"), 8000)
    assert "RAY_SERVE_ENABLE_HA_PROXY" not in os.environ


@pytest.mark.usefixtures("nothing_named")
@pytest.mark.skipif(sys.platform != "linux", reason="Ray brings HAProxy to Linux")
def test_haproxy_where_it_can_be_used() -> None:
    with ingress.prepared(ServeSpec()) as kind:
        assert kind == "haproxy"
        launcher = Path(os.environ[PROGRAM])
        assert launcher.parent.stat().st_mode & 0o077 == 0
        assert ingress.open_front(ServeSpec(host="127.0.0.2"), 8000) == "127.0.0.1"
        assert "127.0.0.2:8000" in (launcher.parent / "front.json").read_text()
        with pytest.raises(ServerStartError, match="started for ingress 'haproxy'"):
            ingress.open_front(ServeSpec(ingress="serve"), 8000)
        done = subprocess.run([launcher, "-c", "-f"], capture_output=True, text=True, check=False)
        assert "IndexError" in done.stderr  # it is run, and misses the configuration's name
    assert not launcher.exists()


@pytest.mark.usefixtures("nothing_named")
def test_haproxy_that_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROGRAM, "/absent/haproxy")
    with ingress.prepared(ServeSpec()) as kind:
        assert kind == "serve"
    with (
        pytest.raises(ServerStartError, match="HAProxy cannot be used: /absent/haproxy does not"),
        ingress.prepared(ServeSpec(ingress="haproxy")),
    ):
        pass
