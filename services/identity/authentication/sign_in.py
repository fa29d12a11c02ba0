"""Opens a session for an e-mail and a password."""

import os
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import Text, Uuid, bindparam, func, select, update

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import InvalidArgument, Unauthenticated
from identity.authentication import brake
from identity.authentication.opaque import SESSION, RefreshToken, digest, new_secret
from identity.authentication.stored import ADD_SECRET, BEGIN_FAMILY, PASSWORD_OF, SET_PASSWORD
from identity.authority import authority_of
from identity.doors import enter, inside, show
from identity.principal.load import load
from identity.session.session import KEPT, SESSIONS
from identity.tenant.tenant import table as tenants
from identity.user.rules import normal_email
from identity.user.user import table as users
from kith.identity.v1.authentication_pb2 import SignInRequest, SignInResponse
from kith.identity.v1.session_pb2 import Session
from kith.identity.v1.tenant_pb2 import Tenant
from kith.identity.v1.user_pb2 import User

SESSION_LASTS = timedelta(days=30)
MOST_TENANTS = 5  # of one e-mail that are tried, each at the cost of a hash
NOBODY = UUID(int=0)


class TenantNeeded(InvalidArgument): ...


class SignInRefused(Unauthenticated):
    """The same whether the password is wrong, or there is nobody, or one who may not work (any more)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    tenant_id: UUID
    user_id: UUID
    password_hash: str | None  # None: there is nobody to sign in, which must take as long to find out
    session_lasts: timedelta = SESSION_LASTS


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
# No change of the user: it is written past history and events, of which the session's own tell.
_NOTE = Statement(
    update(users)
    .where(users.c.tenant_id == bindparam("caller_tenant", type_=Uuid), users.c.id == bindparam("user", type_=Uuid))
    .values(last_sign_in_time=func.now())
)


async def sign_in(call: Call, request: SignInRequest) -> SignInResponse:
    """The hash is computed outside any transaction, and once also where there is no such account.

    Raises SignInRefused, TenantNeeded, TooManyAttempts.
    """
    email = normal_email(request.email)
    await brake.take(call, email, request.client_address)
    candidates = await _candidates(call, email, request.tenant_slug)
    await call.session.finish(commit=True)
    passwords = authority_of(call).passwords
    fitting = [one for one in candidates if await passwords.verify(request.password, one.password_hash)]
    if not fitting:
        raise SignInRefused("wrong e-mail or password")
    if len(fitting) > 1:
        raise TenantNeeded("this e-mail is in several tenants", fields={"tenant_slug": "is needed to tell them apart"})
    (who,) = fitting
    renewed = ""
    if who.password_hash and passwords.is_outdated(who.password_hash):
        renewed = await passwords.hash(request.password)
    await brake.forgive(call, email, request.client_address)
    async with inside(call, who.tenant_id):
        if renewed:
            await call.fetch(SET_PASSWORD, {"user": who.user_id, "hash": renewed})
        return await open_session(call, who.user_id, who.session_lasts, request.device, ["password"])


async def _candidates(call: Call, email: str, slug: str) -> list[Candidate]:
    """Whom it might be; at least one, as many questions asked for nobody as for somebody."""
    wanted = await _tenant_of(call, slug) if slug else None
    await show(call.session, email)
    rows = [(row["tenant_id"], row["id"]) for row in await call.fetch(_BY_EMAIL, {"email": email})]
    found = []
    for tenant_id, user_id in rows or [(NOBODY, NOBODY)]:
        if wanted in (None, tenant_id):
            await enter(call.session, tenant_id)
            named = {"user": user_id, "caller_tenant": tenant_id}
            hashes = await call.session.fetch(PASSWORD_OF, named)
            is_open = await call.session.fetch(_OPEN, named)
            hashed = hashes[0][0] if hashes and is_open else None
            found.append(Candidate(tenant_id, user_id, hashed, session_lasts(is_open[0][0] if is_open else None)))
    return found or [Candidate(NOBODY, NOBODY, None)]


async def _tenant_of(call: Call, slug: str) -> UUID:
    await show(call.session, slug)
    rows = await call.fetch(_BY_SLUG, {"slug": slug})
    return rows[0]["id"] if rows else NOBODY


def session_lasts(policy: str | None) -> timedelta:
    """As the tenant's policy says, from the column."""
    said = orjson.loads(policy).get("session_ttl", {}) if policy else {}
    return timedelta(seconds=said["seconds"]) if said else SESSION_LASTS


async def lasting_here(call: Call) -> timedelta:
    """How long a session lasts in the tenant that `call` is inside of."""
    rows = await call.fetch(_OPEN, {})
    return session_lasts(rows[0][0] if rows else None)


async def open_session(
    call: Call, user_id: UUID, lasts: timedelta, device: str, auth_methods: list[str]
) -> SignInResponse:
    """For one who showed who they are, by `auth_methods`; `call` is inside the tenant.

    Raises Unauthenticated for a user who may not work (any more), and in a tenant that is closed.
    """
    expires = call.now + lasts
    given = Session(owner_id=str(user_id), device=device, auth_methods=auth_methods)
    given.expire_time.FromDatetime(expires)
    given.purge_time.FromDatetime(expires + KEPT)
    session = await SESSIONS.create(call, given)
    secret, session_id, seed = new_secret(SESSION), UUID(session.id), os.urandom(32)
    await call.fetch(BEGIN_FAMILY, {"session": session_id, "seed": seed, "generation": 1})
    await call.fetch(ADD_SECRET, {"digest": digest(secret), "session": session_id, "api_key": None})
    await call.fetch(_NOTE, {"user": user_id})
    tenant_id = call.caller.tenant_id
    caller = await load(call.session, tenant_id, user_id, session_id)
    token, ends = await authority_of(call).keys.sign(caller)
    refresh = RefreshToken(tenant_id, session_id, 1).written(seed, authority_of(call).sealing)
    reply = SignInResponse(session_id=session.id, access_token=token, refresh_token=refresh, session_secret=secret)
    reply.access_token_expire_time.FromDatetime(ends)
    reply.session_expire_time.FromDatetime(expires)
    return reply
