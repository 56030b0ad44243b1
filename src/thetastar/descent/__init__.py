"""Step 3: rules of descent, schedules, and the population that is trained."""

from thetastar.descent.batches import updates_per_epoch
from thetastar.descent.convex import ConvexProblem
from thetastar.descent.deadline import Deadline
from thetastar.descent.inputs import Inputs, RowBlocks
from thetastar.descent.judge import Judgement, judge_members, mean_loss, outputs_for, outputs_on
from thetastar.descent.moments import Moments
from thetastar.descent.onward import Onward
from thetastar.descent.parallel import side_by_side
from thetastar.descent.population import Ended, Examples, Member, MemberCurve, Plan, Trained
from thetastar.descent.rule import RULES, Hyper, Rule, RuleState, coefficients, rule_named, start, step
from thetastar.descent.schedules import (
    Constant,
    Cosine,
    Exponential,
    InverseRoot,
    Schedule,
    Step,
    Transformer,
    WarmUp,
)
from thetastar.descent.train import train

__all__ = [
    # rules
    "RULES",
    "Hyper",
    "Rule",
    "RuleState",
    "coefficients",
    "rule_named",
    "start",
    "step",
    # schedules
    "Constant",
    "Cosine",
    "Exponential",
    "InverseRoot",
    "Schedule",
    "Step",
    "Transformer",
    "WarmUp",
    # θ* in closed form, or of a convex loss
    "ConvexProblem",
    "Moments",
    # populations
    "Deadline",
    "Examples",
    "Inputs",
    "Ended",
    "Member",
    "MemberCurve",
    "Plan",
    "RowBlocks",
    "Trained",
    "side_by_side",
    "Judgement",
    "judge_members",
    "mean_loss",
    "outputs_for",
    "outputs_on",
    "Onward",
    "train",
    "updates_per_epoch",
]
