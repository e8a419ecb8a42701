"""Loops that train networks, and the measures they are judged by."""
