from __future__ import annotations

from importlib.metadata import version

import pytest
from pydantic import ValidationError

from secateur.errors import SpecError
from serving.jobs.details import metadata, submission_in
from serving.jobs.records import MOST_BYTES, Submission, identity

SPEC = "name: a\ndata: {kind: digits}\n"


def test_a_submission_is_of_a_sound_job() -> None:
    made = Submission.of(SPEC, metadata={"team": "blue"})
    assert (made.name, made.spec, made.version) == ("a", SPEC, version("secateur"))
    assert made.job().name == "a"
    assert made.digest == identity(made.job())


def test_the_digest_is_of_what_the_job_does() -> None:
    def digest(text: str) -> str:
        return Submission.of(text).digest

    assert digest(SPEC) == digest("# the same\ndata:\n  kind: digits\nseed: 0\nname: a\n")
    assert digest(SPEC) == digest(SPEC + "limits: {memory_gb: 4}\n")
    assert digest(SPEC) != digest(SPEC + "seed: 1\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a/b\ndata: {kind: digits}", "name: 'a/b' is not usable"),
        ("name: ..\ndata: {kind: digits}", "name: '..' is not usable"),
        (f"name: {'a' * 65}\ndata: {{kind: digits}}", "name: "),
        ("name: a\n", "data: is missing; expected a value"),
        (SPEC + "trails: 3\n", "'trails' is not usable"),
        (SPEC + "seed: !!python/object/apply:os.getpid []\n", "expected valid YAML"),
        (SPEC + "#" * MOST_BYTES, "expected at most 32,768 bytes to submit"),
        ("- a\n- b\n", "expected a mapping"),
        ("", "expected a mapping"),
        ("name: a\ndata: {kind: digits}\nsearch: {epochs: .inf}\n", "search.epochs"),
    ],
)
def test_what_cannot_be_submitted(text: str, said: str) -> None:
    with pytest.raises(SpecError) as error:
        Submission.of(text, "job.yaml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_record_is_bounded_wherever_it_comes_from() -> None:
    sound = Submission.of(SPEC)
    for news in ({"spec": "x" * (MOST_BYTES + 1)}, {"name": "../x"}, {"digest": "x"}):
        with pytest.raises(ValidationError):
            Submission.model_validate(sound.model_dump() | news)


def test_metadata_holds_a_submission_and_what_its_author_added() -> None:
    made = Submission.of(SPEC, restart=True, metadata={"team": "blue"})
    kept = metadata(made)
    assert kept["team"] == "blue"
    assert all(isinstance(value, str) for value in kept.values())
    assert submission_in(kept) == made
    assert submission_in({"team": "blue"}) is None
    assert submission_in(None) is None


def test_another_attempt_is_of_the_installed_version_and_discards_nothing() -> None:
    old = Submission.of(SPEC, restart=True).model_copy(update={"version": "0.0.1"})
    again = old.again()
    assert (again.version, again.restart) == (version("secateur"), False)
