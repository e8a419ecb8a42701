"""Jobs that search, prune, judge and publish generators."""
