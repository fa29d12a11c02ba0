"""Links in mails: good once, for one purpose and a while; only their digests are kept.

A link is `<KITH_PUBLIC_URL>/<page>#<token>`: the host comes from configuration and never from a request, and what
stands behind `#` is sent to no server, so that no log and no referrer holds it.
"""

import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Interval, LargeBinary, Text, Uuid, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import InvalidArgument
from identity.authentication.opaque import digest
from identity.authority import authority_of
from identity.doors import enter, show
from identity.tables import LINK

PREFIX = "klk"


class Purpose(Enum):
    """What a link is good for: its name in the table, its page, and for how long."""

    INVITATION = ("invitation", "invitation", timedelta(days=7))
    RESET = ("reset", "reset", timedelta(minutes=30))
    EMAIL = ("email", "confirm-email", timedelta(minutes=30))

    def __init__(self, code: str, page: str, lasts: timedelta) -> None:
        self.code, self.page, self.lasts = code, page, lasts


class LinkRefused(InvalidArgument):
    """The same whether it was used, has ended, is for something else, or never was."""


@dataclass(frozen=True, slots=True)
class Link:
    tenant_id: UUID
    user_id: UUID
    digest: bytes
    email: str  # of EMAIL: the new one


_TENANT, _DIGEST = bindparam("caller_tenant", type_=Uuid), bindparam("digest", type_=LargeBinary)
_CODE, _USER = bindparam("purpose", type_=Text), bindparam("user", type_=Uuid)
_ADD = Statement(
    insert(LINK).values(
        tenant_id=_TENANT,
        digest=_DIGEST,
        user_id=_USER,
        purpose=_CODE,
        email=bindparam("email", type_=Text),
        expire_time=func.clock_timestamp() + bindparam("lasts", type_=Interval),
    )
)
_GOOD = LINK.c.digest == _DIGEST, LINK.c.purpose == _CODE, LINK.c.expire_time > func.clock_timestamp()
_FIND = Statement(select(LINK.c.tenant_id, LINK.c.user_id, LINK.c.digest, LINK.c.email).where(*_GOOD))
_TAKE = Statement(delete(LINK).where(LINK.c.tenant_id == _TENANT, *_GOOD).returning(LINK.c.user_id))
_SWEEP = Statement(delete(LINK).where(LINK.c.tenant_id == _TENANT, LINK.c.expire_time < func.clock_timestamp()))
_DROP = Statement(
    delete(LINK).where(
        LINK.c.tenant_id == _TENANT,
        LINK.c.user_id == _USER,
        LINK.c.purpose == func.any(bindparam("purposes", type_=ARRAY(Text))),
    )
)


async def make(call: Call, purpose: Purpose, user_id: UUID, email: str = "") -> str:
    """A new link to a user of the call's tenant, as it stands in a mail. Those of the tenant that have ended go."""
    await call.fetch(_SWEEP, {})
    token = f"{PREFIX}_{urlsafe_b64encode(os.urandom(32)).decode().rstrip('=')}"
    values: dict[str, Any] = {"digest": digest(token), "user": user_id, "purpose": purpose.code}
    await call.fetch(_ADD, {**values, "email": email, "lasts": purpose.lasts})
    return f"{authority_of(call).public_url}/{purpose.page}#{token}"


async def look(call: Call, purpose: Purpose, token: str) -> Link:
    """What a token is good for; the transaction of a call in no tenant goes on in the link's. Raises LinkRefused."""
    shown = digest(token)
    await show(call.session, shown.hex())
    found = await call.fetch(_FIND, {"digest": shown, "purpose": purpose.code})
    if not found:
        raise refused()
    link = Link(*found[0])
    await enter(call.session, link.tenant_id)
    return link


async def take(call: Call, purpose: Purpose, link: Link) -> None:
    """Of several who use it at once one gets it. Raises LinkRefused for the others."""
    if not await call.fetch(_TAKE, {"digest": link.digest, "purpose": purpose.code}):
        raise refused()


async def drop(call: Call, user_id: UUID, *purposes: Purpose) -> None:
    """Those of a user's links open nothing any more."""
    await call.fetch(_DROP, {"user": user_id, "purposes": [one.code for one in purposes]})


def refused() -> LinkRefused:
    return LinkRefused("this link opens nothing (any more)", fields={"token": "opens nothing"})
