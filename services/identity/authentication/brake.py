"""Slows guessing down, by account and by place, without locking out the one whose account it is.

Within a window a place may fail so often at one account, and so often altogether, and an account may meet so many
failures of strangers. A device that the account was signed into from has an allowance of its own, which strangers'
failures do not use up: the owner, there, always gets in. Strangers and one such device together have less than 100
tries an hour. Attempts at one account are counted one after the other, however many come at once.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Interval, LargeBinary, bindparam, delete, func, insert, select, text

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import ResourceExhausted
from identity.tables import SIGN_IN_ATTEMPT as ATTEMPT

WINDOW = timedelta(minutes=15)


class TooManyAttempts(ResourceExhausted): ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attempt comes from: a device known to the account, or else only an address."""

    name: str
    known: bool = False


@dataclass(frozen=True, slots=True)
class Allowance:
    """Failures in a window."""

    at_one_account: int  # from one place
    from_one_address: int  # at whatever accounts
    at_an_account: int  # from all strangers


GUESSES = Allowance(at_one_account=8, from_one_address=100, at_an_account=15)
RESETS = Allowance(at_one_account=3, from_one_address=100, at_an_account=5)

_account, _place = bindparam("account", type_=LargeBinary), bindparam("place", type_=LargeBinary)
_known = bindparam("known", type_=Boolean)
_window = func.clock_timestamp() - bindparam("window", type_=Interval)
_here, _mine = ATTEMPT.c.place == _place, ATTEMPT.c.account == _account


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    recent = select(func.count()).select_from(ATTEMPT).where(ATTEMPT.c.create_time > _window, *conditions)
    return recent.scalar_subquery()


# A statement of its own before the count, which must see what whoever waited before it has written.
_HOLD = Statement(select(func.pg_advisory_xact_lock(func.hashtextextended(func.encode(_account, text("'hex'")), 0))))
_COUNT = Statement(
    select(
        _count(_mine, _here).label("mine"),
        _count(_here).label("here"),
        _count(_mine, ATTEMPT.c.known.is_(False)).label("strangers"),
    )
)
_ADD = Statement(insert(ATTEMPT).values(account=_account, place=_place, known=_known))
_FORGIVE = Statement(delete(ATTEMPT).where(_mine, _here))


async def take(call: Call, account: str, place: Place, allowed: Allowance | None = None) -> None:
    """Count this attempt as failed until it is known to be better; commits. Raises TooManyAttempts."""
    allowed, named = allowed or GUESSES, _named(account, place)
    await call.session.begin()
    await call.fetch(_HOLD, named)
    (found,) = await call.fetch(_COUNT, named)
    strange = found["here"] >= allowed.from_one_address or found["strangers"] >= allowed.at_an_account
    if found["mine"] >= allowed.at_one_account or (strange and not place.known):
        raise TooManyAttempts("too many failures; wait some minutes", retry_seconds=str(int(WINDOW.total_seconds())))
    await call.fetch(_ADD, named)
    await call.session.finish(commit=True)


async def forgive(call: Call, account: str, place: Place) -> None:
    """It succeeded: the failures of this place at this account are forgotten."""
    await call.fetch(_FORGIVE, _named(account, place))


def _named(account: str, place: Place) -> dict[str, Any]:
    return {
        "account": hashlib.sha256(account.encode()).digest(),
        "place": hashlib.sha256(place.name.encode()).digest(),
        "known": place.known,
        "window": WINDOW,
    }
