"""API keys: the file, and the guard in front of the routes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from secateur.errors import UserError
from serving.keys import VARIABLE, Keys
from tests.serving.kinds import Refused, Send, ServeFolder

# printf %s one | sha256sum, as the guide says.
ONE = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
TWO = hashlib.sha256(b"two").hexdigest()
FILE = f"""
# who   SHA-256   models
anna    {ONE}
bert    {TWO.upper()}  other  third
"""
INFER = "/v2/models/brightness/infer"
CLASSIFY = "/v1/models/brightness/classify"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def ask(serve_folder: ServeFolder, saved: Path) -> Send:
    return serve_folder(saved, keys=Keys.parse(FILE, "keys"))


def test_entries() -> None:
    anna, bert = Keys.parse(FILE, "keys").entries
    assert (anna.client, bert.client) == ("anna", "bert")
    assert anna.opens("brightness")
    assert bert.opens("third")
    assert not bert.opens("brightness")


def test_a_key_is_found_by_its_digest() -> None:
    keys = Keys.parse(FILE, "keys")
    anna, bert = keys.entries
    assert keys.match("one") is anna
    assert keys.match("two") is bert
    for stranger in ("", "three", "One", "one ", ONE, "\udc80"):
        assert keys.match(stranger) is None


def test_a_file_comes_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(FILE)
    environment = {VARIABLE: f"carl {ONE}; dora {TWO} digits"}
    assert [key.client for key in Keys.find(file, environment).entries] == ["anna", "bert"]
    assert [key.client for key in Keys.find(None, environment).entries] == ["carl", "dora"]
    assert Keys.find(None, {}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "keys: holds no key"),
        ("# nothing", "keys: holds no key"),
        ("anna", "keys: line 1: expected a client's name, the 64 hexadecimal digits"),
        (f"\nanna {ONE[1:]}", "keys: line 2: expected"),
        ("anna secret", "keys: line 1: expected"),
        (f"anna {ONE}; bert {TWO}\n", "keys: line 1: expected"),
        (f"# rotated; tell bert\n# was: bert {ONE}; carl {TWO}", "keys: holds no key"),
    ],
)
def test_files_that_are_none(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Keys.parse(text, "keys")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="expected a file of keys"):
        Keys.find(tmp_path / "absent", {})


@pytest.mark.parametrize("headers", [bearer("one"), {"X-API-Key": "one"}])
@pytest.mark.parametrize("path", ["/v2", "/v2/models/brightness", "/v1/models", "/metrics"])
def test_a_known_key_opens(ask: Send, path: str, headers: dict[str, str]) -> None:
    assert ask("GET", path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2"),
        ("GET", "/v2/models/brightness"),
        ("GET", "/v2/models/other"),
        ("GET", "/v2/models/brightness/ready"),
        ("POST", INFER),
        ("GET", "/v1/models"),
        ("POST", CLASSIFY),
        ("GET", "/metrics"),
    ],
)
@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "an API key is needed"),
        ({"Authorization": "Basic b25lOg=="}, "an API key is needed"),
        ({"Authorization": "Bearer"}, "an API key is needed"),
        (bearer("three"), "not known"),
        ({"X-API-Key": ONE}, "not known"),
    ],
)
def test_strangers(
    ask: Send, refused: Refused, method: str, path: str, headers: dict[str, str], message: str
) -> None:
    answer = ask(method, path, headers=headers)
    refused(answer, 401, message)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/v2/health/live", "/v2/health/ready", "/openapi.json"])
def test_what_asks_for_no_key(ask: Send, path: str) -> None:
    assert ask("GET", path).status_code == 200


@pytest.mark.parametrize("path", [INFER, CLASSIFY])
def test_a_key_of_other_models(ask: Send, refused: Refused, path: str) -> None:
    answer = ask("POST", path, headers=bearer("two"))
    refused(answer, 403, "does not open model 'brightness'")


def test_a_key_of_a_model_that_is_not_served(ask: Send, refused: Refused) -> None:
    answer = ask("GET", "/v2/models/other", headers=bearer("two"))
    refused(answer, 404, "'other' is not served here")


def test_the_list_holds_the_models_that_a_key_opens(ask: Send) -> None:
    (model,) = ask("GET", "/v1/models", headers=bearer("one")).json()["models"]
    assert model["name"] == "brightness"
    assert ask("GET", "/v1/models", headers=bearer("two")).json() == {"models": []}


def test_keys_do_not_show(caplog: pytest.LogCaptureFixture, ask: Send) -> None:
    assert "one" not in repr(Keys.parse(FILE, "keys")).split("'")
    with caplog.at_level("DEBUG"):
        answer = ask("POST", INFER, headers=bearer("a-secret-of-three"))
    assert "a-secret-of-three" not in caplog.text + answer.text
