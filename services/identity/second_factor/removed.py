"""A user loses one of their second factors, by their own will or by who may."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import FailedPrecondition
from identity.account.holder import holder_of
from identity.doors import consequences
from identity.mails import mails
from identity.second_factor import factors
from identity.second_factor.rules import is_required
from identity.tenant.tenant import table as tenants
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import User

_POLICY = Statement(
    select(tenants.c.security_policy).where(tenants.c.tenant_id == bindparam("caller_tenant", type_=Uuid))
)


class FactorRequired(FailedPrecondition): ...


async def remove_factor(call: Call, user_id: UUID, method: str) -> User:
    """With the last one the recovery codes go; the user is told by mail.

    Raises FactorRequired where the tenant asks for one and there would be none.
    """
    with consequences(call):
        user = await USERS.lock(call, str(user_id))
        if method not in user.mfa_methods:
            return user
        user.mfa_methods.remove(method)
        if not user.mfa_methods:
            (row,) = await call.fetch(_POLICY, {})
            if is_required(row["security_policy"]):
                raise FactorRequired("this is the last second factor, and one is required")
            await factors.forget(call, user_id)
        saved = await USERS.save(call, user, verb="mfa_removed")
    await mails.notice(call, "mfa_removed", await holder_of(call, user_id))
    return saved
