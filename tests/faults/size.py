"""How large the drills are: small in every run of the tests, whole behind `make faults`."""

import os
from typing import TypeVar

WHOLE = os.environ.get("KITH_FAULTS", "") == "whole"
T = TypeVar("T")


def sized(small: T, whole: T) -> T:
    return whole if WHOLE else small


def percentile(seconds: list[float], percent: float) -> float:
    """The value that so many percent of them do not exceed; 0 of none."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
