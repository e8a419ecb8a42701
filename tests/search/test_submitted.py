"""What a submitted job's process finds out about itself before anything else."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from search import submitted
from secateur.errors import ClusterRefusedError, SpecError, UserError
from serving.jobs.details import metadata
from serving.jobs.records import Submission

SENT = Submission.of("name: tiny\ndata: {kind: digits}\n", restart=True)


def environment(submission: Submission, **more: str) -> dict[str, str]:
    """As Ray's supervisor of a job makes it."""
    config = {"runtime_env": {}, "metadata": {"job_submission_id": "x"} | metadata(submission)}
    return {"RAY_JOB_CONFIG_JSON_ENV_VAR": json.dumps(config)} | more


def test_the_submission_is_found() -> None:
    found = submitted.found(environment(SENT, SECATEUR_HOME="/home/jobs"))
    assert (found.name, found.spec, found.restart) == (SENT.name, SENT.spec, True)


def test_another_version_is_refused_first() -> None:
    old = SENT.model_copy(update={"version": "0.0.1"})
    with pytest.raises(ClusterRefusedError) as error:
        submitted.found(environment(old))
    here = version("secateur")
    assert f"submitted by Sécateur 0.0.1, the cluster has {here}" in str(error.value)


def test_a_cluster_without_a_home_is_refused() -> None:
    with pytest.raises(UserError, match="SECATEUR_HOME: not set on the cluster"):
        submitted.found(environment(SENT))


@pytest.mark.parametrize("given", [{}, {"RAY_JOB_CONFIG_JSON_ENV_VAR": '{"metadata": {}}'}])
def test_a_process_that_was_not_submitted(given: dict[str, str]) -> None:
    with pytest.raises(UserError, match="play: not started as a submitted job"):
        submitted.found(given)


def test_a_submission_names_no_path_where_the_cluster_has_no_roots(tmp_path: Path) -> None:
    spec = f"name: tiny\ndata: {{kind: image-folder, root: {tmp_path}}}\n"
    given = environment(Submission.of(spec), SECATEUR_HOME=str(tmp_path / "home"))
    for roots in ({}, {"SECATEUR_ROOTS": ""}, {"SECATEUR_ROOTS": "/elsewhere"}):
        with pytest.raises(SpecError, match=r"data\.root: .*SECATEUR_ROOTS"):
            submitted.play(given | roots)
    assert not (tmp_path / "home").exists()
