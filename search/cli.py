"""The command line. Heavy imports live inside commands, so that ``--help`` answers at once."""

from __future__ import annotations

import click

from search.commands import client, cluster, gateway, jobs, models, runs, server


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="secateur")
def main() -> None:
    """Search, prune and serve deep networks.

    Jobs, runs and models are kept under SECATEUR_HOME, which is ./runs where unset.
    """


for command in (
    jobs.validate,
    jobs.run,
    jobs.status,
    cluster.submit,
    cluster.resume,
    cluster.stop,
    cluster.logs,
    cluster.play,
    runs.report,
    runs.sync,
    runs.compare,
    runs.export,
    runs.ui,
    models.promote,
    models.rollback,
    server.serve,
    gateway.gateway,
    client.predict,
    client.generate,
):
    main.add_command(command)
