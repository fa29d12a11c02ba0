"""Facts drawn from all that is known of a contact's account, lead, opportunities and cases: one statement."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Text,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import FromClause

from chassis.database.statement import Statement
from marketing.contact_fact.contact_fact import CONTACT_FACTS
from marketing.contact_fact.known import ACCOUNTS, CASES, LEADS, OPPORTUNITIES

_TENANT = bindparam("caller_tenant", type_=Uuid)
_CURRENCY = bindparam("base_currency", type_=Text)
FACT = CONTACT_FACTS.table
_contact = FACT.alias("contact")


def _derived() -> FromClause:
    """What each fact ought to say. Opportunities are the account's, and those of the contact alone; so are cases, but
    that one which names a contact is nobody else's."""
    account = ACCOUNTS.table.alias("account")
    theirs = and_(account.c.tenant_id == _TENANT, account.c.id == _contact.c.account_id, account.c.living)
    lead, bought, asked = _lead(), _bought(), _asked()
    amount = case((_CURRENCY != "", bought.c.amount), else_=null())  # the tenant may not be known yet
    columns = {
        "industry": func.coalesce(account.c.industry, ""),
        "account_type": func.coalesce(account.c.type, ""),
        "region": func.coalesce(account.c.region, ""),
        "lead_source": func.coalesce(lead.c.source, ""),
        "won_opportunity_count": bought.c.won,
        "last_won_time": bought.c.last_won,
        "won_amount": amount,
        "won_amount_currency": case((amount.is_not(None), _CURRENCY), else_=null()),
        "won_amount_base": amount,
        "open_opportunity_count": bought.c.open,
        "open_case_count": asked.c.open,
        "last_case_resolved_time": asked.c.last_resolved,
    }
    source = _contact.outerjoin(account, theirs).outerjoin(lead, true()).join(bought, true()).join(asked, true())
    wanted = _contact.c.tenant_id == _TENANT, _contact.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    named = [column.label(name) for name, column in columns.items()]
    return select(_contact.c.id, *named).select_from(source).where(*wanted).subquery("derived")


def _lead() -> FromClause:
    """The last one, where they were several."""
    table = LEADS.table.alias("lead")
    here = table.c.tenant_id == _TENANT, table.c.contact_id == _contact.c.id, table.c.living
    return select(table.c.source).where(*here).order_by(table.c.id.desc()).limit(1).lateral("was")


def _bought() -> FromClause:
    table = OPPORTUNITIES.table.alias("opportunity")
    here: list[ColumnElement[bool]] = [
        table.c.tenant_id == _TENANT,
        table.c.living,
        or_(table.c.account_id == _contact.c.account_id, table.c.contact_id == _contact.c.id),
    ]
    won = table.c.state == "WON"
    sums = {
        "won": func.count().filter(won),
        "last_won": func.max(table.c.won_time).filter(won),
        "amount": func.sum(table.c.base_amount).filter(won),
        "open": func.count().filter(table.c.state == "OPEN"),
    }
    return select(*(column.label(name) for name, column in sums.items())).where(*here).lateral("bought")


def _asked() -> FromClause:
    table = CASES.table.alias("case")
    of_account = and_(table.c.contact_id.is_(None), table.c.account_id == _contact.c.account_id)
    here = table.c.tenant_id == _TENANT, table.c.living, or_(table.c.contact_id == _contact.c.id, of_account)
    open_, last = func.count().filter(table.c.open), func.max(table.c.resolve_time)
    return select(open_.label("open"), last.label("last_resolved")).where(*here).lateral("asked")


def _refresh() -> Update:
    """Facts that say something else by now, and those of `changed` in any case."""
    derived = _derived()
    names = [name for name in derived.c.keys() if name != "id"]  # noqa: SIM118  # not a dict
    differs: list[Any] = [FACT.c[name].is_distinct_from(derived.c[name]) for name in names]
    anyway = FACT.c.id == any_(bindparam("changed", type_=ARRAY(Uuid)))
    values = {name: derived.c[name] for name in names} | {
        "refresh_time": bindparam("refresh_time", type_=DateTime(timezone=True))
    }
    found = FACT.c.tenant_id == _TENANT, FACT.c.id == derived.c.id, or_(anyway, *differs)
    return update(FACT).where(*found).values(values).returning(*CONTACT_FACTS.codec.columns, FACT.c.delete_time)


REFRESH = Statement(_refresh())
_of_customers = or_(
    FACT.c.id == any_(bindparam("contacts", type_=ARRAY(Uuid))),
    FACT.c.account_id == any_(bindparam("accounts", type_=ARRAY(Uuid))),
)
_by_id = (
    select(*CONTACT_FACTS.codec.columns, FACT.c.delete_time)
    .where(FACT.c.tenant_id == _TENANT, _of_customers)
    .order_by(FACT.c.id)
)
READ, LOCK = Statement(_by_id), Statement(_by_id.with_for_update())  # by id, as everybody locks them
