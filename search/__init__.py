"""Jobs: the command line, Ray Tune with Optuna, and the composition of all stages."""
