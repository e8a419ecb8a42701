"""Commands on registered models: which version applications are answered by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from search.commands.errors import plain_errors

if TYPE_CHECKING:
    from secateur.tracking.promotion import Succession


@click.command()
@click.argument("name")
@click.option("--version", help="To promote; the challenger where not said.")
@click.option("--force", is_flag=True, help="Promote whatever its figures are.")
def promote(name: str, version: str | None, *, force: bool) -> None:
    """Make the challenger of the model NAME its champion, if it holds its job's gate.

    Servers that run follow within seconds. Exit codes: 3 the gate refused; 2 no such model,
    challenger or version.
    """
    with plain_errors():
        from search.home import Home
        from secateur.tracking import promotion
        from secateur.tracking.registry import Registry

        change = promotion.promote(Registry(Home.find().tracking_uri), name, version, force=force)
        click.echo(_succession(change))


@click.command()
@click.argument("name")
def rollback(name: str) -> None:
    """Make the version of the model NAME champion that was so before; again goes further back."""
    with plain_errors():
        from search.home import Home
        from secateur.tracking import promotion
        from secateur.tracking.registry import Registry

        change = promotion.rollback(Registry(Home.find().tracking_uri), name)
        click.echo(_succession(change))


def _succession(change: Succession) -> str:
    before = f", after version {change.before}" if change.before else ""
    return f"{change.name} version {change.version} is champion{before}"
