"""Where descent stopped: the loss as a function of θ, its gradient and curvature."""

from thetastar.landscape.certificate import Certificate
from thetastar.landscape.critical import CriticalPoint, critical_point
from thetastar.landscape.density import Density, spectral_density
from thetastar.landscape.escape import Escape, escape
from thetastar.landscape.member import member_objective
from thetastar.landscape.objective import Objective
from thetastar.landscape.operator import HasHessian, Operator
from thetastar.landscape.sharpness import Sharpness, Stability, sharpness
from thetastar.landscape.signs import Signs, signs
from thetastar.landscape.slope import Slope
from thetastar.landscape.spectrum import Spectrum, spectrum
from thetastar.landscape.surface import Surface, surface
from thetastar.landscape.trace import Trace, trace

__all__ = [
    # what has a Hessian
    "HasHessian",
    "Objective",
    "Operator",
    "member_objective",
    # where descent stopped, and how to go on
    "Certificate",
    "CriticalPoint",
    "Escape",
    "Slope",
    "critical_point",
    "escape",
    # its eigenvalues
    "Density",
    "Signs",
    "Spectrum",
    "Trace",
    "signs",
    "spectral_density",
    "spectrum",
    "trace",
    # how sharp it is
    "Sharpness",
    "Stability",
    "sharpness",
    # what it looks like
    "Surface",
    "surface",
]
