"""Step 3: rules of descent, schedules, and the population that is trained."""

from thetastar.descent.batches import updates_per_epoch
from thetastar.descent.deadline import Deadline
from thetastar.descent.judge import mean_loss, outputs_for
from thetastar.descent.population import Examples, Member, MemberCurve, Plan, Trained
from thetastar.descent.rule import RULES, Hyper, Rule, RuleState, coefficients, rule_named, start, step
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
    # populations
    "Deadline",
    "Examples",
    "Member",
    "MemberCurve",
    "Plan",
    "Trained",
    "mean_loss",
    "outputs_for",
    "train",
    "updates_per_epoch",
]
