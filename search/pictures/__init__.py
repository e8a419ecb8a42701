"""Pictures of a job, drawn once, with one look; ``album.draw`` draws them all.

Nothing is imported here: who reads of pictures that are drawn already needs no Matplotlib.
"""
