"""What goes wrong in a command, in one line and an exit code."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from search.exit_codes import INTERRUPTED

if TYPE_CHECKING:
    from secateur.errors import SecateurError

# What the system refuses of a place that the user has named, such as SECATEUR_HOME.
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


@contextmanager
def plain_errors() -> Iterator[None]:
    """One line and an exit code for what goes wrong; a traceback for what should not."""
    from search import ray_environment
    from search.quiet import hush

    hush()
    ray_environment.prepare()
    try:
        yield
    except KeyboardInterrupt as stop:
        told = ["stopped", "the same command goes on from here", *getattr(stop, "__notes__", ())]
        click.echo(f"secateur: {'; '.join(told)}", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        ours = _ours(error)
        if ours is None:
            raise
        click.echo(f"secateur: error: {ours}", err=True)
        sys.exit(ours.exit_code)


def _ours(error: Exception) -> SecateurError | None:
    """An error as one of ours; nothing where it should not have been."""
    from search import disk
    from secateur.errors import SecateurError, UserError

    # Ray wraps what a worker raised; the cause is what the user should read.
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, SecateurError):
        return cause
    file = getattr(error, "filename", None)
    if disk.out_of_room(error):
        return disk.filled(file or "here")
    if isinstance(error, OSError) and file and error.errno in _REFUSED:
        return UserError(f"{file}: {error.strerror}; expected a place to read and write")
    return None
