"""Work on Ray's workers that says when it has begun, and is held to the limits of its job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from secateur.memory import bounded
from secateur.spec import LimitsSpec

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Begun:
    """The first result of all watched work: until then it may have waited for a worker."""


def watched(
    work: Callable[P, Iterator[T]],
) -> Callable[Concatenate[LimitsSpec, P], Iterator[T | Begun]]:
    """The same generator, which takes the limits of its job before all else."""

    @wraps(work)
    def within(limits: LimitsSpec, /, *arguments: P.args, **named: P.kwargs) -> Iterator[T | Begun]:
        with bounded(limits.memory_gb):
            yield Begun()
            # Ray sends things into its generators. Handed on to whatever the work itself yields
            # from, a list for one, they would end it: this expression keeps them.
            yield from (result for result in work(*arguments, **named))

    del within.__wrapped__  # Ray would go by its signature, which lacks the limits
    return within
