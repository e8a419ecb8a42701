"""The job that this process was started for by Ray's Jobs API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version as installed_version

from search import status
from search.exit_codes import NOT_PUBLISHED
from search.home import Home
from secateur.errors import ClusterRefusedError, UserError
from secateur.roots import Roots
from serving.jobs.details import submission_in
from serving.jobs.records import Submission

_JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"
"""In which Ray passes on what a job was submitted with: its runtime environment and metadata."""


def found(environment: Mapping[str, str]) -> Submission:
    """The submission that Ray holds for this process, fit to be played here.

    Raises:
        UserError: the process is no submitted job, or the cluster has no home for jobs.
        ClusterRefusedError: another version of Sécateur is installed here.
    """
    submission = submission_in(json.loads(environment.get(_JOB, "{}")).get("metadata"))
    if submission is None:
        raise UserError("play: not started as a submitted job; expected secateur submit, or run")
    here = installed_version("secateur")
    if submission.version != here:
        raise ClusterRefusedError(
            f"version: submitted by Sécateur {submission.version}, the cluster has {here}; "
            f"expected the same: install secateur=={here} where you submit"
        )
    if not environment.get("SECATEUR_HOME"):
        raise UserError(
            "SECATEUR_HOME: not set on the cluster; expected the folder that keeps its jobs"
        )
    return submission


def play(environment: Mapping[str, str]) -> int:
    """Run the job that was submitted, and say in the last line why where nothing is published.

    Returns and raises as ``running.run``; where the cluster names no roots, a submission may
    name no path.
    """
    submission = found(environment)
    job = submission.job()
    (Roots.find(environment) or Roots()).check(job)
    from search.running import run

    code = run(job, restart=submission.restart)
    if code == NOT_PUBLISHED:
        reason = status.read(Home.find().job(job.name)).reason
        print(f"secateur: not published: {reason}", flush=True)
    return code
