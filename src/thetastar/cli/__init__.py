"""The command line: fit, predict, report."""

from thetastar.cli import fit, predict, report  # each adds its command to the app
from thetastar.cli.app import app, main

__all__ = ["app", "fit", "main", "predict", "report"]
