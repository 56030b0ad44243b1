"""Measurements of speed and accuracy beside other libraries: ``python -m bench [name …]``."""
