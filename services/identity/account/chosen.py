"""A password chosen by link: the same for an invitation and a reset."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.call import Call
from chassis.errors import FailedPrecondition, NotFound
from identity.account.holder import Holder, holder_of
from identity.authentication.candidates import is_open
from identity.authentication.stored import SET_PASSWORD
from identity.authority import authority_of
from identity.doors import inside
from identity.link import link as links
from identity.link.link import Link, Purpose


@asynccontextmanager
async def chosen(call: Call, purpose: Purpose, token: str, password: str) -> AsyncIterator[tuple[Link, Holder]]:
    """The block does what follows, in the link's tenant and in one transaction; then the password is set.

    It is hashed before, outside any transaction, for a link that was good a moment ago: whoever has none cannot make
    us work. A user or a tenant in no state for it is told of as a link that opens nothing. Raises LinkRefused,
    WeakPassword.
    """
    link = await links.look(call, purpose, token)
    async with inside(call, link.tenant_id):
        if not await is_open(call):
            raise links.refused()
        holder = await holder_of(call, link.user_id)
    await call.session.finish(commit=True)
    hashed = await authority_of(call).passwords.new(password, holder.least, holder.words)
    try:
        async with inside(call, link.tenant_id):
            yield link, holder
            await call.fetch(SET_PASSWORD, {"user": link.user_id, "hash": hashed})
    except (NotFound, FailedPrecondition):
        raise links.refused() from None
