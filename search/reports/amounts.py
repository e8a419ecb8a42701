"""Figures as people read them."""

from __future__ import annotations

THOUSAND = 1000


def quantity(value: float) -> str:
    """A count with three digits and its prefix: 1059880 becomes ``1.06 M``."""
    prefixes = ["", "k", "M", "G", "T"]
    while len(prefixes) > 1 and float(f"{value:.3g}") >= THOUSAND:
        value /= THOUSAND
        prefixes.pop(0)
    return f"{value:.3g} {prefixes[0]}".rstrip()


def bytes_of(size: float) -> str:
    """A size with three digits and its unit: 21504 becomes ``21.5 kB``."""
    number, _, prefix = quantity(size).partition(" ")
    return f"{number} {prefix}B"
