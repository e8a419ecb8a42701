"""The server's settings: sound ones, and what is said of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from secateur.errors import SpecError
from serving.limits import Limits
from serving.spec import Autoscale, ServeSpec, Shadow, Share, load, parse

EXAMPLE = Path(__file__).parents[2] / "examples" / "server.yaml"


def test_the_example() -> None:
    spec = load(EXAMPLE)
    assert spec.replicas == Autoscale(least=1, most=2, ongoing=8)
    assert spec.challenger == Share(share=0.1)
    assert spec.limits == Limits(body_bytes=2**20, answer_seconds=10)


def test_nothing_needs_to_be_said() -> None:
    assert parse({}) == ServeSpec()
    assert (ServeSpec().host, ServeSpec().port) == ("127.0.0.1", 8000)


def test_forms() -> None:
    assert parse({"challenger": {"shadow": True}}).challenger == Shadow(shadow=True)
    assert parse({"replicas": 3}).replicas == 3
    assert parse({"access_log": "log"}).access_log == Path("log").absolute()


def test_how_many_replicas() -> None:
    counted, scaled = parse({"replicas": 3}), parse({"replicas": {"least": 2, "most": 5}})
    assert (counted.least_replicas, counted.most_replicas) == (3, 3)
    assert (scaled.least_replicas, scaled.most_replicas) == (2, 5)


def test_it_survives_json() -> None:
    for spec in (load(EXAMPLE), ServeSpec(challenger=Shadow(shadow=True))):
        assert ServeSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("content", "field", "expected"),
    [
        ({"prot": 1}, "prot", "'port' (nearest known name)"),
        ({"port": 70000}, "port", "less than or equal to 65535"),
        ({"host": ""}, "host", "at least 1 character"),
        ({"models": ["a", "a"]}, "models", "every model named once"),
        ({"models": "a"}, "models", "a list, such as [a]"),
        ({"replicas": 0}, "replicas", "greater than or equal to 1"),
        ({"replicas": True}, "replicas", "a whole number above 0, or {least"),
        ({"replicas": {}}, "replicas.most", "a value"),
        ({"replicas": {"least": 3, "most": 2}}, "replicas", "most not below least"),
        ({"replicas": {"most": 2, "mots": 2}}, "replicas.mots", "'most'"),
        ({"precision": "int4"}, "precision", "'float32' or 'int8'"),
        ({"challenger": 0.1}, "challenger", "{share: 0.1}, or {shadow: true}"),
        ({"challenger": {"share": 1}}, "challenger.share", "less than 1"),
        ({"challenger": {"shadow": False}}, "challenger.shadow", "true"),
        ({"challenger": {"shadow": True, "shar": 1}}, "challenger.shar", "shadow"),
        ({"refresh_seconds": 0}, "refresh_seconds", "greater than 0"),
        ({"ingress": "nginx"}, "ingress", "'haproxy'"),
        ({"limits": {"image": 3}}, "limits.image", "'images' (nearest known name)"),
        ({"limits": {"images": 0}}, "limits.images", "greater than or equal to 1"),
    ],
)
def test_mistakes(content: dict[str, Any], field: str, expected: str) -> None:
    with pytest.raises(SpecError) as error:
        parse(content)
    assert error.value.field == field
    assert expected in error.value.expected


def test_a_file_of_something_else(tmp_path: Path) -> None:
    file = tmp_path / "server.yaml"
    file.write_text("- 8000")
    with pytest.raises(SpecError, match="a mapping of a server's settings"):
        load(file)
