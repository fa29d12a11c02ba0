"""What an account bought: one fact an opportunity, kept from the events of sales, from which its figures are summed.

A count that is raised and lowered by events is wrong for ever after the first that comes twice or late; a fact that
only a newer one replaces is right whatever their order.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, MetaData, Table, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.errors import NotFound
from contacts.account.account import ACCOUNTS

METADATA = MetaData()
PURCHASE = wall(
    Table(
        "purchase",
        METADATA,
        Column("tenant_id", Uuid),
        Column("opportunity_id", Uuid),
        Column("account_id", Uuid),
        Column("won", Boolean, nullable=False),
        Column("won_time", DateTime(timezone=True)),
        Column("sequence", BigInteger, nullable=False),
        PrimaryKeyConstraint("tenant_id", "opportunity_id", name="pk_purchase__opportunity_id"),
        Index("purchase_by_account", "tenant_id", "account_id"),
    )
)
_TENANT = bindparam("caller_tenant", type_=Uuid)
_names = ("opportunity_id", "account_id", "won", "won_time", "sequence")
_given = {name: bindparam(name, type_=PURCHASE.c[name].type) for name in _names}
_ours = PURCHASE.c.tenant_id == _TENANT
_BEFORE = Statement(
    select(PURCHASE.c.account_id, PURCHASE.c.won).where(_ours, PURCHASE.c.opportunity_id == _given["opportunity_id"])
)
_new = insert(PURCHASE).values(tenant_id=_TENANT, **_given)
_KEEP = Statement(
    _new.on_conflict_do_update(
        index_elements=["tenant_id", "opportunity_id"],
        set_={name: _new.excluded[name] for name in _names[1:]},
        where=PURCHASE.c.sequence < _new.excluded.sequence,
    ).returning(PURCHASE.c.account_id)
)
_SUM = Statement(
    select(func.count().label("won"), func.max(PURCHASE.c.won_time).label("last")).where(
        _ours, PURCHASE.c.account_id == bindparam("account_id", type_=Uuid), PURCHASE.c.won
    )
)


async def keep_purchase(call: Call, fact: dict[str, Any]) -> None:
    """Replace an older fact of the opportunity, and put right the figures of the accounts it belongs and belonged to.

    Nothing for a fact that came after a newer one; an account that is gone keeps its figures.
    """
    before = await call.fetch(_BEFORE, fact)
    if not await call.fetch(_KEEP, fact):
        return
    facts = [fact, *before]
    touched = {one["account_id"] for one in facts if one["won"]} - {None}
    for account_id in sorted(touched):
        await _sum_up(call, str(account_id))


async def _sum_up(call: Call, account_id: str) -> None:
    try:
        account = await ACCOUNTS.lock(call, account_id)
    except NotFound:
        return
    (row,) = await call.fetch(_SUM, {"account_id": account_id})
    account.won_opportunity_count = row["won"]
    account.ClearField("last_won_time")
    if row["last"]:
        account.last_won_time.FromDatetime(row["last"])
    await ACCOUNTS.save(call, account, verb="purchases_changed")
