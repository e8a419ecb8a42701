"""The commands of ``secateur``, a file for each kind of user."""
