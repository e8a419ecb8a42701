"""Python runs this at its start: where the environment asks for it, the product's own functions
are wrapped in faults. Nothing in the product knows of that.

    CHAOS_FAULT    what happens, a name in ``FAULTS``
    CHAOS_WHERE    ``trial`` or ``agent``
    CHAOS_STRIKES  when and how often, JSON: {which: [[when, times], ...]}. ``which`` is a trial's
                   number or an agent's target, or ``every``; ``when`` is the epoch of that trial,
                   else how many epochs of all trials, or evaluations, go well before
    CHAOS_FOLDER   counts what has happened, in one file an event
    CHAOS_FILL     file that takes all the room of its disk
    CHAOS_SLOW     seconds that every epoch and every evaluation takes longer
"""

from __future__ import annotations

import ctypes
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

FOREVER_S = 10**6


def raises():
    raise RuntimeError("struck")


def exits():
    os._exit(7)


def is_killed():
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(FOREVER_S)


def segfaults():
    ctypes.string_at(0)


def hangs():
    time.sleep(FOREVER_S)


def hangs_in_c():
    # Unlike CDLL this keeps the interpreter's lock: no thread of Python's runs any more.
    ctypes.PyDLL(None).sleep(FOREVER_S)


def allocates():
    held = []
    while True:
        held.append(bytearray(os.urandom(1)) * 2**26)


def fills_the_disk():
    with open(os.environ["CHAOS_FILL"], "wb", buffering=0) as file, suppress(OSError):
        for size in (2**20, 2**10, 1):
            while file.write(bytes(size)) == size:
                pass


FAULTS = {
    fault.__name__: fault
    for fault in (
        raises, exits, is_killed, segfaults, hangs, hangs_in_c, allocates, fills_the_disk,
    )
}  # fmt: skip


def counted(event):
    """How often an event has happened before, in any process."""
    number = 0
    while True:
        try:
            Path(os.environ["CHAOS_FOLDER"], f"{event}-{number}").touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number


def struck(which, reached):
    """Whether the fault is to happen here, given whether a moment has been reached."""
    return any(
        reached(when) and counted(f"struck-{which}-{place}") < times
        for place, (when, times) in enumerate(STRIKES.get(which, []))
    )


def in_trial(module):
    from ray import tune

    train = module.train

    def faulty(network, *arguments, **named):
        # Ray's own name of a trial ends with its number, from 1, and its settings.
        folder = Path(tune.get_context().get_trial_dir()).name
        number = int(re.search(r"_[0-9a-f]{8}_(\d+)_", folder).group(1)) - 1
        for metrics in train(network, *arguments, **named):
            epoch, before = metrics.epoch, counted("epoch") if "every" in STRIKES else 0
            if struck(str(number), epoch.__eq__) or struck("every", before.__ge__):
                if FAULT == "returns_nan":
                    next(network.parameters()).data.fill_(float("nan"))
                else:
                    FAULTS[FAULT]()
            time.sleep(SLOW_S)
            yield metrics

    module.train = faulty


def in_judge(module):
    evaluate = module.Judge.__call__

    def faulty(self, widths):
        reward = evaluate(self, widths)
        time.sleep(SLOW_S)
        for which in {"every", TARGETS[-1]} & set(STRIKES):
            if struck(which, counted(f"evaluated-{which}").__ge__):
                if FAULT == "returns_nan":
                    return float("nan")
                FAULTS[FAULT]()
        return reward

    module.Judge.__call__ = faulty


def in_task(module):
    problem = module.PruningTask.problem

    def known(self, target):
        TARGETS.append(f"{target:g}")
        return problem(self, target)

    module.PruningTask.problem = known


FAULT, SLOW_S = os.environ.get("CHAOS_FAULT"), float(os.environ.get("CHAOS_SLOW", "0"))
STRIKES = json.loads(os.environ.get("CHAOS_STRIKES", "{}"))
WRAPPED = {
    "trial": {"search.trainable": in_trial},
    "agent": {"agents.judge": in_judge, "agents.task": in_task},
}
# Of the agent that this process is; a runner of an agent does not know of which one.
TARGETS = ["every"]


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that are to be wrapped, and wraps them once they are loaded."""

    def __init__(self, wraps):
        self.wraps = wraps

    def find_spec(self, name, path, target=None):
        if name not in self.wraps:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        load = found.loader.exec_module

        def loaded(module):
            load(module)
            self.wraps[name](module)

        found.loader.exec_module = loaded
        return found


if FAULT:
    sys.meta_path.insert(0, Finder(WRAPPED[os.environ["CHAOS_WHERE"]]))
elif SLOW_S:
    sys.meta_path.insert(0, Finder(WRAPPED["trial"] | WRAPPED["agent"]))
