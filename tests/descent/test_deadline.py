from __future__ import annotations

import math
import time

import pytest

from thetastar.descent import Deadline
from thetastar.errors import BudgetError


def test_the_clock_runs() -> None:
    deadline = Deadline.after(5.0)
    first = deadline.left()
    time.sleep(0.01)
    assert deadline.left() <= first - 0.01
    assert 4.0 < first <= 5.0


def test_a_past_deadline_has_less_than_nothing_left() -> None:
    assert Deadline.after(-1.0).left() < -0.9


def test_never_does_not_come() -> None:
    assert Deadline.never().left() == math.inf


def test_the_sooner_of_two() -> None:
    assert Deadline.never().sooner(2.0).left() <= 2.0
    assert Deadline.after(1.0).sooner(100.0).left() <= 1.0


def test_a_check_refuses_to_go_on_after_it() -> None:
    Deadline.after(60).check()
    with pytest.raises(BudgetError, match="larger budget"):
        Deadline.after(-1).check()
