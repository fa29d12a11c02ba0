"""Puts away what identity keeps for a while only, whoever's it is."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import Interval, Table, bindparam, delete, func

from chassis.database.session import Database
from chassis.database.statement import Statement
from chassis.errors import Refusal
from identity.authentication.brake import WINDOW
from identity.settings import PLATFORM
from identity.single_sign_on.attempts import SSO_ATTEMPT
from identity.tables import PRINCIPAL_CHANGE, SIGN_IN_ATTEMPT, SIGNING_KEY

PAUSE_SECONDS = 60.0
log = logging.getLogger(__name__)


def _older(table: Table, column: str) -> Statement:
    since = func.clock_timestamp() - bindparam("kept", type_=Interval)
    return Statement(delete(table).where(table.c[column] < since))


KEPT = (
    (_older(PRINCIPAL_CHANGE, "create_time"), timedelta(minutes=10)),
    (_older(SSO_ATTEMPT, "expire_time"), timedelta()),
    (_older(SIGN_IN_ATTEMPT, "create_time"), 2 * WINDOW),
    (_older(SIGNING_KEY, "end_time"), timedelta(days=1)),
)


async def sweep_always(database: Database) -> None:
    """Until cancelled, once a minute; replicas may do it at once."""
    while True:
        try:
            await sweep(database)
        except Refusal as refusal:  # a minute later is as good
            log.warning("not swept", extra={"why": str(refusal)})
        await asyncio.sleep(PAUSE_SECONDS)


async def sweep(database: Database) -> None:
    session = database.session(PLATFORM)
    try:
        for statement, kept in KEPT:
            await session.fetch(statement, {"kept": kept})
    finally:
        await session.finish(commit=True)
