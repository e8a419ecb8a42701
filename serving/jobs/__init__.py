"""Jobs that are handed to a cluster, by those who have no shell on it; never torch."""
