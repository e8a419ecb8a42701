"""A bound on how long a model, or something else that is asked, may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from serving.errors import UnavailableError

Answer = TypeVar("Answer")


async def in_time(answer: Awaitable[Answer], seconds: float, whose: str = "the model") -> Answer:
    """Await an answer, of a model or of what else is named.

    Raises:
        UnavailableError: it takes more than ``seconds``.
    """
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise UnavailableError(f"{whose} did not answer in {seconds:g} seconds") from None
