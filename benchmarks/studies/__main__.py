"""Plays a study again and writes its page.

    SECATEUR_DATA=... python -m benchmarks.studies hidden-layer

One JSON a table and seed in ``benchmarks/results/studies/<study>``; rows that are there are kept.
Pages are ``docs/studies/<study>.md``; ``--page`` writes them without playing.
"""

from __future__ import annotations

import argparse
import time

import torch

from benchmarks import hardware
from benchmarks.page import read, write
from benchmarks.studies import page
from benchmarks.studies.catalogue import STUDIES
from benchmarks.studies.study import SEEDS, Study, Table


def record(study: Study, table: Table, seed: int) -> None:
    """Play the rows of a table that its JSON of this seed lacks."""
    file = page.file(study, table, seed)
    content = read(file) or {"rows": {}}
    for row in table.rows:
        if row.name in content["rows"]:
            continue
        facts, began = hardware.facts(), time.process_time()
        found = dict(row.play(seed))
        seconds = round(time.process_time() - began, 2)
        content["rows"][row.name] = {"figures": found, "seconds": seconds}
        content["machine"] = {**facts, "threads": torch.get_num_threads()}
        write(file, content)
        print(f"{table.name} {row.name} {seed}: {found} in {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("study", nargs="*", help=f"of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--table", action="append", help="of the study; all by default")
    parser.add_argument("--seed", action="append", type=int)
    parser.add_argument("--page", action="store_true", help="write the pages, play nothing")
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in given.study or STUDIES:
        study = STUDIES[name]
        # Seed by seed: a run that is cut short leaves whole tables.
        for seed in () if given.page else given.seed or SEEDS:
            for table in study.tables:
                if table.name in (given.table or [table.name]):
                    record(study, table, seed)
        page.publish(study)


if __name__ == "__main__":
    main()
