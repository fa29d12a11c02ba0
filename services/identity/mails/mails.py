"""The mails that identity sends, each in its reader's language; all join the call's transaction."""

from uuid import UUID

from chassis.call import Call
from chassis.mail.mail import send
from identity.account.holder import Holder, holder_of
from identity.link import link as links
from identity.link.link import Purpose
from identity.mails.words import written


async def invite(call: Call, user_id: UUID, inviter: str) -> None:
    """Earlier invitations open nothing from then on."""
    await links.drop(call, user_id, Purpose.INVITATION)
    holder = await holder_of(call, user_id)
    await _send_link(call, "invitation", Purpose.INVITATION, user_id, holder, inviter=inviter or holder.tenant)


async def offer_reset(call: Call, user_id: UUID) -> None:
    """Earlier links stay good: whoever asks again must not undo what the owner is about to use."""
    await _send_link(call, "reset", Purpose.RESET, user_id, await holder_of(call, user_id))


async def ask_for_email(call: Call, user_id: UUID, email: str) -> None:
    """A link to the new address; an earlier one to another address opens nothing from then on."""
    await links.drop(call, user_id, Purpose.EMAIL)
    holder = await holder_of(call, user_id)
    link = await links.make(call, Purpose.EMAIL, user_id, email)
    said = written("confirm_email", holder.locale, holder.display_name, holder.tenant, link=link)
    await send(call, email, said, call.now + Purpose.EMAIL.lasts)


async def notice(call: Call, kind: str, holder: Holder, **facts: str) -> None:
    """Tells `holder`, at the address they had, what was done with their account."""
    await send(call, holder.email, written(kind, holder.locale, holder.display_name, holder.tenant, **facts))


async def _send_link(call: Call, kind: str, purpose: Purpose, user_id: UUID, holder: Holder, **facts: str) -> None:
    link = await links.make(call, purpose, user_id)
    said = written(kind, holder.locale, holder.display_name, holder.tenant, link=link, **facts)
    await send(call, holder.email, said, call.now + purpose.lasts)
