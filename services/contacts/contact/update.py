"""A contact changes, and what belongs together changes together."""

from chassis.call import Call
from chassis.resource.standard import named, standard
from contacts.contact import rules
from contacts.contact.contact import CONTACTS
from kith.contacts.v1.contact_pb2 import Contact, UpdateContactRequest

_update = standard(CONTACTS, "UpdateContact")


async def update_contact(call: Call, request: UpdateContactRequest) -> Contact:
    """As every noun is updated; the whole name follows its parts, the account the primary affiliation."""
    wanted = named(CONTACTS, request)
    before = await CONTACTS.lock(call, request.contact.id, request.contact.etag)
    more = rules.following(before, request.contact, wanted)
    if not request.HasField("update_mask"):
        request.update_mask.paths.extend(sorted(wanted))
    request.update_mask.paths.extend(more)
    return await _update(call, request)
