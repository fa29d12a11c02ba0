"""Slows guessing down, by account and by address, without locking out the one whose account it is.

Within a window an address may fail so often at one account, and so often altogether; an account may meet so many
failures from everywhere. An address from which an account was signed into before has its own allowance there, which
strangers' failures do not use up: the owner at their usual place always gets in.
"""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Interval, LargeBinary, bindparam, delete, func, insert, literal, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import ResourceExhausted
from identity.tables import SIGN_IN_ATTEMPT as ATTEMPT

WINDOW, REMEMBERED = timedelta(minutes=15), timedelta(days=30)
AT_ONE_ACCOUNT, FROM_ONE_ADDRESS, AT_AN_ACCOUNT_FROM_STRANGERS = 8, 100, 25  # failures in a window; 100 an hour


class TooManyAttempts(ResourceExhausted): ...


_account, _address = bindparam("account", type_=LargeBinary), bindparam("address", type_=LargeBinary)
_window = func.clock_timestamp() - bindparam("window", type_=Interval)
_here, _mine = ATTEMPT.c.address == _address, ATTEMPT.c.account == _account


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    failed = ATTEMPT.c.succeeded.is_(False), ATTEMPT.c.create_time > _window
    return select(func.count()).select_from(ATTEMPT).where(*failed, *conditions).scalar_subquery()


_COUNT = Statement(
    select(
        _count(_mine, _here).label("mine"),
        _count(_here).label("here"),
        _count(_mine).label("everywhere"),
        select(literal(value=True))
        .where(_mine, _here, ATTEMPT.c.succeeded, ATTEMPT.c.create_time > func.clock_timestamp() - REMEMBERED)
        .exists()
        .label("known"),
    )
)
_ADD = Statement(
    insert(ATTEMPT).values(account=_account, address=_address, succeeded=bindparam("succeeded", type_=Boolean))
)
_FORGIVE = Statement(delete(ATTEMPT).where(_mine, _here, ATTEMPT.c.succeeded.is_(False)))


async def take(call: Call, email: str, address: str) -> None:
    """Count this attempt as failed until it is known to be better; commits. Raises TooManyAttempts.

    Concurrent attempts may each see the others uncounted: the limit is passed by at most the argon2 pool's width.
    """
    named = _named(email, address) | {"window": WINDOW}
    (found,) = await call.fetch(_COUNT, named)
    strange = not found["known"] and found["everywhere"] >= AT_AN_ACCOUNT_FROM_STRANGERS
    if found["mine"] >= AT_ONE_ACCOUNT or found["here"] >= FROM_ONE_ADDRESS or strange:
        raise TooManyAttempts("too many failures; wait some minutes", retry_seconds=str(int(WINDOW.total_seconds())))
    await call.fetch(_ADD, {**named, "succeeded": False})
    await call.session.finish(commit=True)


async def forgive(call: Call, email: str, address: str) -> None:
    """It succeeded: the failures of this address at this account are forgotten, the address is remembered."""
    named = _named(email, address)
    await call.fetch(_FORGIVE, named)
    await call.fetch(_ADD, {**named, "succeeded": True})


def _named(email: str, address: str) -> dict[str, Any]:
    return {
        "account": hashlib.sha256(email.encode()).digest(),
        "address": hashlib.sha256(address.encode()).digest(),
    }
