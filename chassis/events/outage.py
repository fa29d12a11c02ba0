"""Tells the world's faults from the work's own: an outage is waited out, anything else would fail again."""

import asyncpg

from chassis.errors import DeadlineExceeded, TenantSuspended, Unavailable

_OUTAGES = (
    OSError,  # and TimeoutError
    Unavailable,
    DeadlineExceeded,
    TenantSuspended,  # work of a tenant that rests is waited with, not given up
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was cut in the middle of a query
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)


def is_outage(error: BaseException) -> bool:
    """By type, never by count: counting alone would bury a whole topic while a database is down.

    A session tells of the driver's errors as refusals, so what stands behind a refusal decides, not its kind: Aborted
    after a deadlock passes, Aborted for a stale etag does not.
    """
    return isinstance(error, _OUTAGES) or isinstance(error.__cause__, _OUTAGES)


def is_knot(error: BaseException) -> bool:
    """Whether transactions waited for each other in a circle, which shorter ones would do less often."""
    return isinstance(error, asyncpg.DeadlockDetectedError) or isinstance(
        error.__cause__, asyncpg.DeadlockDetectedError
    )
