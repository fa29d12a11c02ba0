"""What was last heard of accounts, leads, opportunities and cases: one row a record, from which facts are drawn.

A count that is raised and lowered by events is wrong for ever after the first that comes twice or late; a row that only
a newer one replaces is right whatever their order, and whichever comes first, the account or its contact.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.schema import PrimaryKeyConstraint, SchemaItem

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall

METADATA = MetaData()


class Known:
    """A table of such rows, and the way to keep one. Rows that are not `living` count for nothing."""

    def __init__(self, noun: str, *items: SchemaItem) -> None:
        name = f"known_{noun}"
        self.table = Table(
            name,
            METADATA,
            Column("tenant_id", Uuid),
            Column("id", Uuid),
            *items,
            Column("living", Boolean, nullable=False),
            Column("sequence", BigInteger, nullable=False),
            PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}__id"),
        )
        wall(self.table)
        self._kept = [column.name for column in self.table.c if column.name not in ("tenant_id", "id")]
        tenant = bindparam("caller_tenant", type_=Uuid)
        given = {name: bindparam(name, type_=self.table.c[name].type) for name in ("id", *self._kept)}
        new = insert(self.table).values(tenant_id=tenant, **given)
        self._read = Statement(
            select(self.table).where(
                self.table.c.tenant_id == tenant, self.table.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
            )
        )
        self._keep = Statement(
            new.on_conflict_do_update(
                index_elements=["tenant_id", "id"],
                set_={name: new.excluded[name] for name in self._kept},
                where=self.table.c.sequence < new.excluded.sequence,
            )
        )

    async def before(self, call: Call, ids: Sequence[UUID]) -> dict[UUID, Mapping[str, Any]]:
        """By id what is known of each so far."""
        return {row["id"]: row for row in await call.fetch(self._read, {"ids": ids})}

    async def keep(self, call: Call, rows: Iterable[Mapping[str, Any]]) -> None:
        """Unless something newer is known."""
        await call.fetch_each(self._keep, rows)

    def is_news(self, before: Mapping[str, Any] | None, row: Mapping[str, Any]) -> bool:
        """Whether `row` says anything that `before` does not, beside its being later."""
        return before is None or any(before[name] != row[name] for name in self._kept if name != "sequence")


ACCOUNTS = Known(
    "account",
    Column("industry", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("region", Text, nullable=False),
)
LEADS = Known(
    "lead",
    Column("contact_id", Uuid),
    Column("source", Text, nullable=False),
    Index("known_lead_by_contact", "tenant_id", "contact_id"),
)
OPPORTUNITIES = Known(
    "opportunity",
    Column("account_id", Uuid),
    Column("contact_id", Uuid),
    Column("state", Text, nullable=False),
    Column("base_amount", Numeric(28, 9)),  # in the tenant's base currency, where sales could tell
    Column("won_time", DateTime(timezone=True)),
    Index("known_opportunity_by_account", "tenant_id", "account_id"),
    Index("known_opportunity_by_contact", "tenant_id", "contact_id"),
)
CASES = Known(
    "case",
    Column("account_id", Uuid),
    Column("contact_id", Uuid),
    Column("open", Boolean, nullable=False),
    Column("resolve_time", DateTime(timezone=True)),
    Index("known_case_by_account", "tenant_id", "account_id"),
    Index("known_case_by_contact", "tenant_id", "contact_id"),
)
