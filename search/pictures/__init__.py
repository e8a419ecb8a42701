"""Pictures of a job, drawn once, with one look."""

from search.pictures.album import draw
from search.pictures.look import LOOK, PALETTE

__all__ = ["LOOK", "PALETTE", "draw"]
