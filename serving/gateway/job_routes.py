"""Routes of teams: their jobs, and what they use."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib.metadata import version as installed_version
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Query
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from serving.admission import Admission
from serving.errors import (
    BadRequestError,
    ConflictError,
    ContentTooLargeError,
    LateBodyError,
    OverloadedError,
    UnavailableError,
    UnknownJobError,
    UnsupportedMediaError,
)
from serving.gateway.answers import Job, JobList, Usage, Version
from serving.gateway.bodies import spec_text
from serving.gateway.desk import Desk
from serving.gateway.logs import EVENTS, Logs, Position
from serving.gateway.members import member_of
from serving.gateway.views import PAGE, Views
from serving.jobs.records import Phase
from serving.limits import Limits
from serving.refusals import documented

_VERSION: Final = installed_version("secateur")
_MOST_ID: Final = 2**63 - 1
_SPEC: Final = {
    "type": "object",
    "required": ["name", "data"],
    "description": "A job, as docs/jobs.md describes it.",
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string"}},
            "application/json": {"schema": _SPEC},
        },
    }
}
_QUEUED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": Job, "description": "The job; nothing was queued."},
    201: {"model": Job, "description": "The job; it, or another attempt, was queued."},
}
_TEXTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Lines; with `follow` as events until the job ends.",
        "content": {"text/plain": {"schema": {"type": "string"}}, EVENTS: {}},
    }
}

_Name = Annotated[str, Path(description="Of a job of the team.")]
_Priority = Annotated[int, Query(ge=0, le=100, description="Higher ones begin first.")]
_Restart = Annotated[bool, Query(description="Discard what the job has done, and take any spec.")]
_Sender = Annotated[
    str | None, Query(alias="version", description="Of the Sécateur that read the spec.")
]
_Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}=[^\x00-\x1f]{0,256}$")]
_Labels = Annotated[
    tuple[_Label, ...],
    Query(alias="metadata", max_length=16, description="`name=value`, to be found with the job."),
]
_Phase = Annotated[Phase | None, Query(description="That the jobs are in.")]
_Count = Annotated[int, Query(alias="limit", ge=1, le=200, description="Jobs at most.")]
_Before = Annotated[int | None, Query(ge=1, le=_MOST_ID, description="`next` of an answer.")]
_Follow = Annotated[bool, Query(description="Go on, as server-sent events, until the job ends.")]
_Skip = Annotated[int, Query(ge=0, le=_MOST_ID, description="Lines to leave out.")]
_Lines = Annotated[int | None, Query(ge=1, le=_MOST_ID, description="Only so many, the last.")]
_LastEvent = Annotated[str | None, Header(description="Id of the last event that was seen.")]


def job_routes(
    desk: Desk, views: Views, logs: Logs, limits: Limits, admission: Admission
) -> APIRouter:
    """Jobs of the team whose key is given.

    Args:
        desk: takes them.
        views: tells how they stand.
        logs: what they have printed.
        limits: bounds on requests.
        admission: of requests with a body.
    """
    router = APIRouter(prefix="/v1", tags=["Jobs"])

    @router.post(
        "/jobs",
        responses=_QUEUED
        | documented(
            *(BadRequestError, ConflictError, ContentTooLargeError, LateBodyError),
            *(OverloadedError, UnsupportedMediaError),
        ),
        openapi_extra=_BODY,
    )
    async def submit(
        request: Request,
        priority: _Priority = 0,
        restart: _Restart = False,
        sender: _Sender = None,
        labels: _Labels = (),
    ) -> Response:
        """Queue a job, or go on with it; the same job again queues nothing."""
        if sender is not None and sender != _VERSION:
            raise BadRequestError(
                f"version: the client has Sécateur {sender[:40]}, this gateway {_VERSION}; "
                "expected the same"
            )
        metadata = dict(label.split("=", 1) for label in labels)
        with admission.place() as place:
            text = await spec_text(request, limits, place)
            job, queued = await asyncio.to_thread(
                partial(desk.submit, priority=priority, restart=restart, metadata=metadata),
                *(member_of(request), text),
            )
        return _queued(job, queued=queued)

    @router.get("/jobs", responses=documented(BadRequestError))
    def jobs(
        request: Request, phase: _Phase = None, count: _Count = PAGE, before: _Before = None
    ) -> JobList:
        """The team's jobs, the last submitted first."""
        return views.jobs(member_of(request), phase, count, before)

    @router.get("/jobs/{name}", responses=documented(UnknownJobError))
    def job(request: Request, name: _Name) -> Job:
        """How a job stands."""
        return views.find(member_of(request), name)

    @router.delete("/jobs/{name}", responses=documented(UnknownJobError))
    def stop(request: Request, name: _Name) -> Job:
        """Take a job out of the queue, or have it stopped; it can be resumed."""
        return desk.stop(member_of(request), name)

    @router.post(
        "/jobs/{name}/resume", responses=_QUEUED | documented(UnknownJobError, OverloadedError)
    )
    def resume(request: Request, name: _Name) -> Response:
        """Queue a job again that failed or was stopped; it goes on where it ended."""
        job, queued = desk.resume(member_of(request), name)
        return _queued(job, queued=queued)

    @router.get(
        "/jobs/{name}/logs",
        response_class=Response,
        responses=_TEXTS
        | documented(BadRequestError, UnknownJobError, OverloadedError, UnavailableError),
    )
    async def log(
        request: Request,
        name: _Name,
        follow: _Follow = False,
        skip: _Skip = 0,
        lines: _Lines = None,
        last_event_id: _LastEvent = None,
    ) -> Response:
        """What the latest attempt of a job has printed."""
        member = member_of(request)
        entry = await asyncio.to_thread(views.entry, member, name)
        if follow:
            logs.check_room(member.team)
            begin = Position.parse(last_event_id)
            events = logs.events(lambda: views.entry(member, name), begin)
            return StreamingResponse(
                events, media_type=EVENTS, headers={"Cache-Control": "no-store"}
            )
        found = (await logs.lines(entry))[skip:]
        text = "".join(f"{line}\n" for line in (found if lines is None else found[-lines:]))
        return PlainTextResponse(text.encode("utf-8", "replace"))

    @router.get("/usage")
    def usage(request: Request) -> Usage:
        """What the team uses, and what it may."""
        return views.usage(member_of(request))

    @router.get("/version")
    def version() -> Version:
        """Which Sécateur answers."""
        return Version(secateur=_VERSION)

    return router


def _queued(job: Job, *, queued: bool) -> Response:
    return JSONResponse(job.model_dump(mode="json"), 201 if queued else 200)
