"""From data to a function, and why it is not better."""

__version__ = "0.1.0"
