"""The part of a fact that the contact itself says."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.resource.kinds import moment
from kith.contacts.v1.contact_pb2 import Contact
from kith.marketing.v1.contact_fact_pb2 import ContactFact
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.contact_fact.derive import FACT

_SAID = ("account_id", "display_name", "position", "source", "tag_ids", "contact_create_time", "delete_time")
_FOLLOWING = ("display_name_sort", "search_grams", "refresh_time", "sequence")
_TENANT = bindparam("caller_tenant", type_=Uuid)
_given = {name: bindparam(name, type_=column.type) for name, column in FACT.c.items()}
_new = insert(FACT).values(_given | {"tenant_id": _TENANT})
_KEEP = Statement(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "id"],
        set_={name: _new.excluded[name] for name in (*_SAID, *_FOLLOWING)},
        where=FACT.c.sequence < _new.excluded.sequence,
    )
)
_READ = Statement(
    select(*(FACT.c[name] for name in ("id", *_SAID, "sequence"))).where(
        FACT.c.tenant_id == _TENANT, FACT.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)


async def before(call: Call, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """By id what each contact said last: its account and so on, and `sequence`."""
    return {row["id"]: row for row in await call.fetch(_READ, {"ids": ids})}


def row_of(call: Call, contact: Contact, sequence: int) -> dict[str, Any]:
    """Of one that was deleted nothing is kept but that it was."""
    deleted = contact.HasField("delete_time")
    fact = ContactFact(
        id=contact.id,
        contact_id=contact.id,
        creator_id=str(call.caller.user_id),
        contact_create_time=contact.create_time,
    )
    fact.create_time.FromDatetime(call.now)
    fact.refresh_time.FromDatetime(call.now)
    if not deleted:
        fact.account_id, fact.display_name = contact.account_id, contact.display_name
        fact.position, fact.source = contact.position, contact.source
        fact.tag_ids.extend(contact.tag_ids)
    delete_time = moment(contact.delete_time) if deleted else None
    return CONTACT_FACTS.codec.values(fact) | {"delete_time": delete_time, "sequence": sequence}


async def keep(call: Call, rows: Sequence[Mapping[str, Any]]) -> None:
    """Unless something newer is known. Derived fields of a fact that is there stay as they are."""
    await call.fetch_each(_KEEP, rows)


def is_news(before: Mapping[str, Any] | None, row: Mapping[str, Any]) -> bool:
    return before is None or any(before[name] != row[name] for name in _SAID)
