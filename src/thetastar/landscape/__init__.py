"""Where descent stopped: the loss as a function of θ, its gradient and curvature."""

from thetastar.landscape.objective import Objective

__all__ = ["Objective"]
