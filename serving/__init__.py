"""Saved classifiers behind HTTP: Ray Serve, FastAPI and ONNX Runtime; never torch."""
