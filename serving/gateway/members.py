"""Who may ask a gateway: the keys of the teams."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from serving.gateway.spec import GatewaySpec
from serving.keys import Key, Keys
from serving.request_trace import trace_of


@dataclass(frozen=True)
class Member(Key):
    """A client of a team.

    Attributes:
        team: that it belongs to; none for an operator.
    """

    team: str = ""

    @property
    def person(self) -> str:
        """Its name within the team."""
        return self.client.removeprefix(f"{self.team}/")


def members(spec: GatewaySpec) -> Keys:
    """The keys of all teams."""
    return Keys(
        tuple(
            Member(f"{team}/{client}", bytes.fromhex(digest), team=team)
            for team, settings in spec.teams.items()
            for client, digest in settings.keys.items()
        )
    )


def operators(spec: GatewaySpec) -> Keys:
    """The keys of those who run the gateway."""
    return Keys(
        tuple(Member(client, bytes.fromhex(digest)) for client, digest in spec.operators.items())
    )


def member_of(request: Request) -> Member:
    """Who asks; the guard has let it pass."""
    key = trace_of(request).key
    assert isinstance(key, Member)
    return key
