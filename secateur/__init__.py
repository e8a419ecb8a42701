"""Search, prune and serve deep networks: the part that lives in one process.

Nothing heavy is imported here, so that the command line and the serving
replicas can use records, errors and artifact metadata without loading torch.
"""
