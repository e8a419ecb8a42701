"""How ``secateur run`` ends, beside 0 for published and what an error of its own says."""

NOT_PUBLISHED = 3
"""The publication gate refused."""

INTERRUPTED = 130
"""By Ctrl-C, SIGTERM or worse."""
