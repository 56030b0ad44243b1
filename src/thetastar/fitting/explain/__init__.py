"""What the function found does, measured on rows: which columns it needs, what they do, how far off it is."""

from thetastar.fitting.explain.effects import effects
from thetastar.fitting.explain.gather import gather
from thetastar.fitting.explain.importance import importance
from thetastar.fitting.explain.interaction import interaction
from thetastar.fitting.explain.subject import Subject

__all__ = ["Subject", "effects", "gather", "importance", "interaction"]
