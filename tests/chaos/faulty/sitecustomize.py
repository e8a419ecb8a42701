"""Python runs this at its start: where the environment asks for it, the product's own functions
are wrapped in faults. Nothing in the product knows of that.

    CHAOS_FAULT   what happens, a name in ``FAULTS``
    CHAOS_WHERE   ``trial`` or ``agent``
    CHAOS_WHICH   number of the trial, or ``every``
    CHAOS_WHEN    epoch of the trial, or how many evaluations of all agents go well before
    CHAOS_TIMES   how often it happens in all
    CHAOS_FOLDER  counts what has happened, in one file an event
    CHAOS_FILL    file that takes all the room of its disk
"""

from __future__ import annotations

import ctypes
import importlib.abc
import importlib.machinery
import importlib.util
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


def struck():
    """Whether the fault is to happen once more."""
    return counted("struck") < int(os.environ["CHAOS_TIMES"])


def in_trial(module):
    from ray import tune

    train, fault = module.train, os.environ["CHAOS_FAULT"]

    def faulty(network, *arguments, **named):
        # Ray's own name of a trial ends with its number, from 1, and its settings.
        folder = Path(tune.get_context().get_trial_dir()).name
        number = int(re.search(r"_[0-9a-f]{8}_(\d+)_", folder).group(1)) - 1
        here = os.environ["CHAOS_WHICH"] in {str(number), "every"}
        for metrics in train(network, *arguments, **named):
            if here and metrics.epoch == int(os.environ["CHAOS_WHEN"]) and struck():
                if fault == "returns_nan":
                    next(network.parameters()).data.fill_(float("nan"))
                else:
                    FAULTS[fault]()
            yield metrics

    module.train = faulty


def in_agent(module):
    evaluate, fault = module.Judge.__call__, os.environ["CHAOS_FAULT"]

    def faulty(self, widths):
        reward = evaluate(self, widths)
        if counted("evaluated") >= int(os.environ["CHAOS_WHEN"]) and struck():
            if fault == "returns_nan":
                return float("nan")
            FAULTS[fault]()
        return reward

    module.Judge.__call__ = faulty


WRAPPED = {"trial": ("search.trainable", in_trial), "agent": ("agents.judge", in_agent)}


class Finder(importlib.abc.MetaPathFinder):
    """Finds the one module that is to be wrapped, and wraps it once it is loaded."""

    def __init__(self, name, wrap):
        self.name, self.wrap = name, wrap

    def find_spec(self, name, path, target=None):
        if name != self.name:
            return None
        found = importlib.machinery.PathFinder.find_spec(name, path)
        load = found.loader.exec_module

        def loaded(module):
            load(module)
            self.wrap(module)

        found.loader.exec_module = loaded
        return found


if os.environ.get("CHAOS_FAULT"):
    sys.meta_path.insert(0, Finder(*WRAPPED[os.environ["CHAOS_WHERE"]]))
