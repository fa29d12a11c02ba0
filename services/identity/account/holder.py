"""Whom an account is for, as far as passwords and mails need to know."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from identity.tenant.tenant import table as tenants
from identity.user.user import table as users

_HOLDER = Statement(
    select(
        users.c.email,
        users.c.display_name,
        users.c.locale,
        tenants.c.default_locale,
        tenants.c.display_name.label("tenant"),
        tenants.c.slug,
        tenants.c.security_policy,
    )
    .select_from(users.join(tenants, tenants.c.tenant_id == users.c.tenant_id))
    .where(
        users.c.tenant_id == bindparam("caller_tenant", type_=Uuid),
        users.c.id == bindparam("user", type_=Uuid),
        users.c.delete_time.is_(None),
    )
)


@dataclass(frozen=True, slots=True)
class Holder:
    """`least` is how many characters the tenant asks of a password; 0 where it says nothing."""

    email: str
    display_name: str
    locale: str
    tenant: str
    slug: str
    least: int

    @property
    def words(self) -> list[str]:
        """What anybody who guesses would try first."""
        return [self.email, *self.email.split("@"), self.display_name, self.tenant, self.slug]


NOBODY = Holder("", "", "", "", "", 0)


async def holder_of(call: Call, user_id: UUID) -> Holder:
    """NOBODY for one who is not there: whoever asks has to find that out by other means."""
    rows = await call.fetch(_HOLDER, {"user": user_id})
    return _read(rows[0]) if rows else NOBODY


def _read(row: Any) -> Holder:
    policy = orjson.loads(row["security_policy"] or "{}")
    return Holder(
        row["email"],
        row["display_name"],
        row["locale"] or row["default_locale"],
        row["tenant"],
        row["slug"],
        policy.get("password_min_length", 0),
    )
