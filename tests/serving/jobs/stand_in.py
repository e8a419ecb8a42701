#!/usr/bin/env python3
"""Plays a submitted job in place of ``secateur play``: does what files of a folder say.

The folder is that of ``STAND_IN``; a job prints what is added to ``JOB.log`` there, and ends
once ``JOB.code`` holds its exit code.  One called ``slow-to-stop`` takes longer to stop than
Ray lets a process by default, 3 s.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

metadata = json.loads(os.environ["RAY_JOB_CONFIG_JSON_ENV_VAR"])["metadata"]
job = f"{metadata['secateur.name']}-{metadata['secateur.attempt']}"
folder = Path(os.environ["STAND_IN"])
log, code = folder / f"{job}.log", folder / f"{job}.code"


def stop(*_: object) -> None:
    if metadata["secateur.name"] == "slow-to-stop":
        time.sleep(5)
        print("saved", flush=True)
    sys.exit(130)


signal.signal(signal.SIGTERM, stop)
log.touch()
with log.open(encoding="utf-8") as lines:
    while True:
        over = code.exists()
        print(lines.read(), end="", flush=True)
        if over:
            sys.exit(int(code.read_text()))
        time.sleep(0.05)
