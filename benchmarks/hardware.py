"""What a result was measured on, recorded by the program that measured it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from secateur.provenance import processor

_EXTENSIONS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd")
_LIBRARIES = ("torch", "ray", "torch-pruning", "numpy")


def facts() -> dict[str, Any]:
    """Date, processor, versions and the command, for the head of a result file."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": _command(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _command() -> str:
    """As it can be given again, on another machine too."""
    given = shlex.join(["python", *_module(), *sys.argv[1:]])
    return given.replace(str(Path.home()), "~")


def _module() -> list[str]:
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return ["-m", spec.name.removesuffix(".__main__")] if spec else [Path(sys.argv[0]).name]


def _processor() -> str:
    """Model and the instructions that matter, where the system says."""
    listed = Path("/proc/cpuinfo")
    if not listed.exists():
        return processor()
    listings = re.findall(r"^(?:flags|Features)\s*:(.*)$", listed.read_text(), re.MULTILINE)
    flags = listings[0].split() if listings else []
    return f"{processor()} ({', '.join(name for name in _EXTENSIONS if name in flags)})"
