"""Whom an e-mail might be of, in all tenants; as many questions are asked for nobody as for somebody."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.authentication.stored import PASSWORD_OF
from identity.doors import enter, show
from identity.tenant.tenant import table as tenants
from identity.user.user import table as users
from kith.identity.v1.tenant_pb2 import Tenant
from kith.identity.v1.user_pb2 import User

SESSION_LASTS = timedelta(days=30)
MOST_TENANTS = 5  # of one e-mail that are tried, each at the cost of a hash
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Candidate:
    tenant_id: UUID
    user_id: UUID
    password_hash: str | None  # None: there is nobody to sign in, which must take as long to find out
    session_lasts: timedelta = SESSION_LASTS
    needs_provider: bool = False  # their password opens nothing


_BY_EMAIL = Statement(
    select(users.c.tenant_id, users.c.id)
    .where(
        users.c.email == bindparam("email", type_=Text),
        users.c.state == User.State.Name(User.ACTIVE),
        users.c.delete_time.is_(None),
    )
    .order_by(users.c.id)
    .limit(MOST_TENANTS)
)
_BY_SLUG = Statement(
    select(tenants.c.id).where(tenants.c.slug == bindparam("slug", type_=Text), tenants.c.delete_time.is_(None))
)
_OPEN = Statement(
    select(tenants.c.security_policy).where(
        tenants.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        tenants.c.state == Tenant.State.Name(Tenant.ACTIVE),
    )
)


async def candidates(call: Call, email: str, slug: str) -> list[Candidate]:
    """At least one."""
    wanted = await tenant_of(call, slug) if slug else None
    found = []
    for tenant_id, user_id in await active_users(call, email) or [(NOBODY, NOBODY)]:
        if wanted in (None, tenant_id):
            await enter(call.session, tenant_id)
            named = {"user": user_id, "caller_tenant": tenant_id}
            hashes = await call.session.fetch(PASSWORD_OF, named)
            is_open = await call.session.fetch(_OPEN, named)
            hashed = hashes[0][0] if hashes and is_open else None
            policy = is_open[0][0] if is_open else None
            found.append(
                Candidate(tenant_id, user_id, hashed, session_lasts(policy), needs_provider(policy, str(user_id)))
            )
    return found or [Candidate(NOBODY, NOBODY, None)]


async def active_users(call: Call, email: str) -> list[tuple[UUID, UUID]]:
    """Tenant and user, for a call that is in no tenant."""
    await show(call.session, email)
    return [(row["tenant_id"], row["id"]) for row in await call.fetch(_BY_EMAIL, {"email": email})]


async def is_open(call: Call) -> bool:
    """Whether people of the call's tenant may work."""
    return bool(await call.fetch(_OPEN, {}))


async def lasting_here(call: Call) -> timedelta:
    """How long a session lasts in the tenant that `call` is inside of."""
    rows = await call.fetch(_OPEN, {})
    return session_lasts(rows[0][0] if rows else None)


def needs_provider(policy: str | None, user_id: str) -> bool:
    """Whether a password opens nothing to this user, by the tenant's policy as the column has it."""
    said = orjson.loads(policy) if policy else {}
    return bool(said.get("sso_only")) and user_id not in said.get("break_glass_user_ids", ())


def session_lasts(policy: str | None) -> timedelta:
    """As the tenant's policy says, from the column."""
    said = orjson.loads(policy).get("session_ttl", {}) if policy else {}
    return timedelta(seconds=said["seconds"]) if said else SESSION_LASTS


async def tenant_of(call: Call, slug: str) -> UUID:
    """NOBODY where there is none; `call` is in no tenant."""
    await show(call.session, slug)
    rows = await call.fetch(_BY_SLUG, {"slug": slug})
    return rows[0]["id"] if rows else NOBODY
