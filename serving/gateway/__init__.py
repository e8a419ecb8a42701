"""The gateway: jobs for teams that must not be given Ray's own API, which runs any code."""
