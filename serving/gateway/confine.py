"""A team's job under a name that no other team can use or reach.

On the cluster a job is called ``TEAM.NAME``, and so are its folder, its runs and its model. What
its spec names among other jobs and models is the team's own too, so that a team neither starts
from another's work nor publishes over it.
"""

from __future__ import annotations

from typing import Any

import yaml

from secateur.errors import SpecError
from secateur.spec import AnySpec
from serving.jobs.records import Submission

_LONGEST = 64

# Fields that name a job or a model beside the job itself.
_NAMES = (("search", "warm_start"), ("prune", "agent", "start_from"), ("publish", "name"))


def cluster_name(team: str, name: str) -> str:
    """What a team's job is called on the cluster."""
    return f"{team}.{name}"


def confined(spec: AnySpec, team: str) -> str:
    """The spec as YAML, all names in it the team's.

    Raises:
        SpecError: a name is too long with the team's in front.
    """
    content = spec.model_dump(mode="json")
    for path in (("name",), *_NAMES):
        _prefix(content, path, team)
    return yaml.safe_dump(content, sort_keys=False)


def submission(spec: AnySpec, team: str) -> Submission:
    """What is handed to the cluster for a team's job.

    Raises:
        SpecError: a name is too long with the team's in front, or the whole spec.
    """
    return Submission.of(confined(spec, team))


def _prefix(content: dict[str, Any], path: tuple[str, ...], team: str) -> None:
    *above, field = path
    for part in above:
        content = content.get(part) or {}
    given = content.get(field)
    # An absolute path, as start_from may be one, has been held to the roots.
    if given is None or given.startswith("/"):
        return
    content[field] = cluster_name(team, given)
    if len(content[field]) > _LONGEST:
        most = _LONGEST - len(cluster_name(team, ""))
        raise SpecError(".".join(path), given, f"at most {most} characters, beside '{team}.'")
