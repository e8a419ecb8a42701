"""``python -m search`` is ``secateur``."""

from search.cli import main

if __name__ == "__main__":
    main()
