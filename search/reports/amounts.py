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


def percent(share: float) -> str:
    """A share that was asked for, with as many digits as it has: 0.375 becomes ``37.5%``."""
    return f"{100 * share:.6g}%"


def rounded(value: float, digits: int) -> str:
    """With so many digits, and all of a larger whole: with two, 123.4 becomes ``123``.

    ``g`` alone would write 1.2e+02.
    """
    text = f"{value:.{digits}g}"
    return f"{value:,.0f}" if "e+" in text else text


def bytes_of(size: float) -> str:
    """A size with three digits and its unit: 21504 becomes ``21.5 kB``."""
    number, _, prefix = quantity(size).partition(" ")
    return f"{number} {prefix}B"
