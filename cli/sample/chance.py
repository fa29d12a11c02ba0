"""Chance that comes out the same whenever it is asked for the same thing."""

from random import Random

SEED = "kith"


def chance(what: str) -> Random:
    """What `what` takes after; of no use for secrets."""
    return Random(f"{SEED} {what}")  # noqa: S311  # that it can be foretold is its purpose
