"""HEAD wherever there is GET (RFC 9110, 9.3.2): load balancers and monitors ask so."""

from __future__ import annotations

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Middleware: answers HEAD as GET would be answered, less the body.

    Args:
        app: knows GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] != "http.response.body":
                await send(message)
                return
            await send({"type": "http.response.body", "body": b""})
            if message.get("more_body"):
                raise _ToldError

        # A copy: the access log and the web server go by the method that was asked.
        with suppress(_ToldError):
            await self.app({**scope, "method": "GET"}, receive, headed)


class _ToldError(Exception):
    """All is said; what follows would be the rest of a body, which may go on for minutes."""
