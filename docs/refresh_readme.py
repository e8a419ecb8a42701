"""Puts what ``make demo`` printed, and the picture it drew, into the README.

Usage: ``secateur run examples/digits.yaml --restart | tee demo.log``, then
``python docs/refresh_readme.py demo.log runs/digits``.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"(<!-- demo -->\n).*?(<!-- /demo -->)", re.DOTALL)
PICTURE = "dense-against-compressed.png"


def refresh(log: Path, job: Path) -> None:
    """Replace the README's demo block by ``log``, paths shown relative to the project."""
    printed = log.read_text(encoding="utf-8").replace(f"{ROOT}/", "").rstrip()
    readme = ROOT / "README.md"
    block = f"```text\n{printed}\n```\n"
    text, count = BLOCK.subn(lambda found: found[1] + block + found[2], readme.read_text("utf-8"))
    assert count == 1, "the README has one demo block"
    readme.write_text(text, encoding="utf-8")
    shutil.copyfile(job / "pictures" / PICTURE, ROOT / "docs" / "pictures" / PICTURE)


if __name__ == "__main__":
    refresh(Path(sys.argv[1]), Path(sys.argv[2]))
