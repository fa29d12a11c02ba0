"""Which records rows mean: by their keys, and accounts by their names, some hundred at a time."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Select, Text, Uuid, any_, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.access.caller import Caller, Reach
from chassis.call import Call
from chassis.errors import PermissionDenied
from chassis.resource import external
from chassis.resource.pinyin import name_sort_key
from chassis.resource.resource import Resource
from chassis.values.text import normalised
from contacts.account.account import ACCOUNTS
from contacts.import_job.plan import Draft, Plan

Matches = dict[int, list[str]]  # line -> ids


async def find(call: Call, plan: Plan, drafts: Sequence[Draft]) -> Matches:
    """The living records, among those the caller may see, that have the key of each draft."""
    by_field: defaultdict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_field[draft.key[0]].append(draft)
    found: Matches = {}
    for name, some in by_field.items():
        if name == "external_ids":
            found |= await _by_external_id(call, plan, some)
        elif name == "display_name":
            found |= await _by_name(call, plan, some)
        elif name:
            found |= await _by_value(call, plan, name, some)
    return found


async def accounts_named(call: Call, names: Iterable[str]) -> dict[str, list[str]]:
    """Normalised name -> ids of the living accounts the caller may see, held so that none of them is deleted before the
    call ends. Raises PermissionDenied for a caller who may not read what accounts are called."""
    refuse_nameless(call.caller)
    wanted = {normalised(name): name_sort_key(name) for name in names}
    view = call.view(ACCOUNTS)

    def build() -> Select[Any]:
        rows = view.rows
        named = rows.c.display_name_sort == any_(bindparam("wanted", type_=ARRAY(Text(collation="C"))))
        return (
            select(rows.c.id, rows.c.display_name).where(named, rows.c.delete_time.is_(None)).with_for_update(read=True)
        )

    rows = await call.ask(("accounts named", view.shape), build, {"wanted": sorted(wanted.values())})
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[normalised(row["display_name"])].append(str(row["id"]))
    return {name: sorted(ids) for name, ids in found.items() if name in wanted}


def refuse_nameless(caller: Caller) -> None:
    """Raises PermissionDenied for a caller who may not read what accounts are called: names would tell them."""
    if "display_name" in caller.cannot_filter(ACCOUNTS.noun.permission):
        needed = f"{ACCOUNTS.noun.permission}.read"
        raise PermissionDenied("a column of account names needs the right to read them", permission=needed)


async def _by_external_id(call: Call, plan: Plan, drafts: Sequence[Draft]) -> Matches:
    ids = [one for draft in drafts for one in draft.keys["external_ids"]]
    held = await external.find(call, plan.target.noun, plan.system, ids)
    return {draft.line: sorted({held[one] for one in draft.keys["external_ids"] if one in held}) for draft in drafts}


async def _by_name(call: Call, plan: Plan, drafts: Sequence[Draft]) -> Matches:
    """A contact of a named account is one of that account; another may be anybody of that name."""
    resource, (_, reference) = plan.target.resource, plan.target.named
    rows = await _ask(
        call, resource, "name", _named, [(draft, name_sort_key(draft.given.display_name)) for draft in drafts]
    )
    by_line = {draft.line: draft for draft in drafts}
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        draft = by_line[row["line"]]
        theirs = str(row["account"] or "")
        same = normalised(row["display_name"]) == normalised(draft.given.display_name)
        if same and (resource is ACCOUNTS or not draft.account or theirs == getattr(draft.given, reference)):
            found[draft.line].add(str(row["id"]))
    return {line: sorted(ids) for line, ids in found.items()}


async def _by_value(call: Call, plan: Plan, name: str, drafts: Sequence[Draft]) -> Matches:
    wanted = [(draft, value) for draft in drafts for value in _wanted(name, draft)]
    found: defaultdict[int, set[str]] = defaultdict(set)
    for row in await _ask(call, plan.target.resource, name, partial(_having, name), wanted):
        found[row["line"]].add(str(row["id"]))
    return {line: sorted(ids) for line, ids in found.items()}


def _wanted(name: str, draft: Draft) -> list[Any]:
    """What a column would hold. The part before the @ is kept as written, so an address is sought in both cases."""
    if name == "emails":
        written = {one.address for one in draft.given.emails}
        return [[{"address": one}] for one in sorted(written | {one.lower() for one in written})]
    if name == "phones":
        said = ([("number", one.number), ("extension", one.extension)] for one in draft.given.phones)
        return [[{part: value for part, value in parts if value}] for parts in said]
    return list(draft.keys[name])


Compare = Callable[[Any, Any], ColumnElement[bool]]


async def _ask(
    call: Call, resource: Resource[Any], shape: str, compare: Compare, wanted: Sequence[tuple[Draft, Any]]
) -> list[Any]:
    """Whatever has one of the wanted values in the tenant, and of that what the caller may see.

    Two questions, and the first row by row: a planner that knows nothing of a table yet, as in the first minute of a
    first import, would read all records of an owner for each value.
    """

    def build() -> Select[Any]:
        given = func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(
            column("line", BigInteger), column("wanted", JSONB), column("text", Text)
        )
        asked, table = given.render_derived(with_types=True), resource.table
        account = (table.c.account_id if "account_id" in table.c else table.c.id).label("account")
        having = select(table.c.id, table.c.display_name, account).where(
            resource.within(Reach.TENANT), compare(table.c, asked.c), table.c.delete_time.is_(None)
        )
        found = having.offset(0).lateral("found")
        return select(asked.c.line, found.c.id, found.c.display_name, found.c.account).select_from(
            asked.join(found, true())
        )

    rows = [{"line": draft.line, "wanted": value, "text": str(value)} for draft, value in wanted]
    found = await call.ask(("keys", shape, resource.noun.permission), build, {"rows": orjson.dumps(rows).decode()})
    seen = await _visible(call, resource, {row["id"] for row in found}) if found else set()
    return [row for row in found if row["id"] in seen]


async def _visible(call: Call, resource: Resource[Any], ids: set[Any]) -> set[Any]:
    view = call.view(resource)

    def build() -> Select[Any]:
        return select(view.c.id).where(view.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))

    return {row["id"] for row in await call.ask(("visible", view.shape), build, {"ids": list(ids)})}


def _named(rows: Any, asked: Any) -> ColumnElement[bool]:
    return rows.display_name_sort == asked.text.collate("C")  # type: ignore[no-any-return]  # columns by name


def _having(name: str, rows: Any, asked: Any) -> ColumnElement[bool]:
    if name == "registration_number":
        return rows.registration_number == asked.text  # type: ignore[no-any-return]  # as above
    return rows[name].contains(asked.wanted)  # type: ignore[no-any-return]  # as above
