"""What goes wrong in a command, in one line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from search.exit_codes import INTERRUPTED


@contextmanager
def plain_errors() -> Iterator[None]:
    """One line and an exit code for what goes wrong; a traceback for what should not."""
    from search import disk, ray_environment
    from search.quiet import hush
    from secateur.errors import SecateurError

    hush()
    ray_environment.prepare()
    try:
        yield
    except KeyboardInterrupt as stop:
        told = ["stopped", "the same command goes on from here", *getattr(stop, "__notes__", ())]
        click.echo(f"secateur: {'; '.join(told)}", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        # Ray wraps what a worker raised; the cause is what the user should read.
        cause = getattr(error, "cause", None) or error
        if not isinstance(cause, SecateurError):
            if not disk.out_of_room(error):
                raise
            cause = disk.filled(getattr(error, "filename", None) or "here")
        click.echo(f"secateur: error: {cause}", err=True)
        sys.exit(cause.exit_code)
