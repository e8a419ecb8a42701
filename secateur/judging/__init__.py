"""How like real images generated ones are, by measures that need no download.

``judge`` puts them together; ``validity``, which servers use, loads no torch.
"""
