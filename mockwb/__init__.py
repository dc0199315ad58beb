"""A local stand-in for the Weights & Biases server."""

__version__ = "0.1.0"
