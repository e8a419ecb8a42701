"""A bound on how long a model may take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from serving.errors import UnavailableError

Answer = TypeVar("Answer")


async def in_time(answer: Awaitable[Answer], seconds: float) -> Answer:
    """Await a model's answer.

    Raises:
        UnavailableError: it takes more than ``seconds``.
    """
    try:
        async with asyncio.timeout(seconds):
            return await answer
    except TimeoutError:
        raise UnavailableError(f"the model did not answer in {seconds:g} seconds") from None
