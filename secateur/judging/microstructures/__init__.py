"""Measures of microstructures: volume fraction, correlations, circles. Loads no torch."""
