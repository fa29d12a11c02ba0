"""Some rows of a file become records: looked up together, checked as every record is, written together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal, select

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import AlreadyExists, InvalidArgument, NotFound, PermissionDenied, Refusal
from chassis.resource.bulk import insert_many, lock_many
from chassis.values.text import normalised
from contacts.account.account import ACCOUNTS
from contacts.account.tree import refuse_misplaced
from contacts.import_job import matching, store
from contacts.import_job.merging import merge
from contacts.import_job.plan import Draft, Plan
from contacts.import_job.rules import AmbiguousMatch, DuplicateRow
from contacts.import_job.table import Row
from kith.contacts.v1.account_pb2 import Account
from kith.contacts.v1.import_job_pb2 import ImportJob


@dataclass
class Outcome:
    """What came of some rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    drafts: list[Draft] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)  # which row had which key and record
    by_key: dict[str, tuple[int, str]] = field(default_factory=dict)  # -> line, digest
    by_record: dict[str, int] = field(default_factory=dict)  # -> line

    @property
    def done(self) -> int:
        return len(self.drafts)

    @property
    def rejected(self) -> int:
        return sum(draft.rejected for draft in self.drafts)

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [error for draft in self.drafts for error in draft.errors]

    def take(self, draft: Draft, record_id: str) -> None:
        """A row and a record belong together from now on."""
        if draft.key_text:
            self.by_key[draft.key_text] = draft.line, draft.digest
            kept = {"key": draft.key_text, "line": draft.line, "digest": draft.digest, "record_id": record_id}
            self.taken.append(kept)
        self.by_record[record_id] = draft.line


# An import makes tables grow a thousandfold under the plans of its statements: what was planned for an empty table
# reads a full one from end to end, some hundred times for each part of the file.
_PLAN_ANEW = Statement(select(func.set_config("plan_cache_mode", "force_custom_plan", literal(True))))
BREATH = 25  # rows read before others in this process have their turn


async def take_in(call: Call, job: ImportJob, plan: Plan, rows: Sequence[Row]) -> Outcome:
    """Rows of one record are dealt with in their order, as if one by one.

    Raises a Refusal where the database refused something: then it is not known which row it was, and none went in.
    """
    outcome = Outcome()
    await call.fetch(_PLAN_ANEW, {})
    drafts = []
    for row in rows:
        drafts.append(plan.read(row))
        if len(drafts) % BREATH == 0:
            await asyncio.sleep(0)
    outcome.drafts = drafts
    for part in _apart([draft for draft in drafts if not draft.rejected]):
        await _part(call, job, plan, part, outcome)
    return outcome


def _apart(drafts: Sequence[Draft]) -> list[list[Draft]]:
    """In parts of which no row could mean the record that another row of the same part makes; the later comes later."""
    parts: list[list[Draft]] = []
    last: dict[tuple[str, str], int] = {}  # of each key value, the part it was last said in
    for draft in drafts:
        name, values = draft.key
        place = max((last.get((name, value), -1) for value in values), default=-1) + 1
        for said in ((name, value) for name, values in draft.keys.items() for value in values):
            last[said] = max(place, last.get(said, place))
        if place == len(parts):
            parts.append([])
        parts[place].append(draft)
    return parts


async def _part(call: Call, job: ImportJob, plan: Plan, drafts: list[Draft], outcome: Outcome) -> None:
    keys = [draft.key_text for draft in drafts if draft.key_text]
    _know(await store.rows_by_key(call, job.id, keys) if keys else [], outcome)
    fresh = [draft for draft in drafts if not _is_twin(draft, outcome)]
    await _link(call, plan, fresh)
    fresh = [draft for draft in fresh if not draft.rejected]
    found = await matching.find(call, plan, fresh)
    ids = [id for some in found.values() for id in some]
    _know(await store.rows_by_record(call, job.id, ids) if ids else [], outcome)
    new, old = [], []
    for draft in fresh:
        theirs = found.get(draft.line, [])
        if len(theirs) > 1:
            why = AmbiguousMatch(f"{len(theirs)} records have this {draft.key[0]}")
            draft.refuse(why, plan.column_of(draft.key[0]))
        elif theirs:
            old.append((draft, theirs[0]))
        else:
            new.append(draft)
    await _create(call, plan, new, outcome)
    await _update(call, plan, old, outcome)


def _know(rows: Sequence[Any], outcome: Outcome) -> None:
    """What earlier rows of the file have taken; rows of this transaction are known already."""
    for row in rows:
        outcome.by_key.setdefault(row["key"], (row["line"], row["digest"]))
        if row["record_id"]:
            outcome.by_record.setdefault(str(row["record_id"]), row["line"])


def _is_twin(draft: Draft, outcome: Outcome) -> bool:
    """Whether an earlier row had the key: the same row again changes nothing, another one is refused."""
    line, digest = outcome.by_key.get(draft.key_text, (0, ""))
    if not draft.key_text or not line:
        return False
    if digest == draft.digest:
        outcome.unchanged += 1
    else:
        draft.refuse(_duplicate(line))
    return True


def _duplicate(line: int) -> DuplicateRow:
    return DuplicateRow(f"line {line} has the same record, with other values", line=str(line))


async def _link(call: Call, plan: Plan, drafts: list[Draft]) -> None:
    """Names of accounts as references; an account nobody has heard of is made."""
    names = {draft.account for draft in drafts if draft.account}
    if not names:
        return
    known = await matching.accounts_named(call, names)
    known |= await _make_accounts(call, [name for name in sorted(names) if normalised(name) not in known], drafts, plan)
    said, reference = plan.target.named
    for draft in drafts:
        ids = known.get(normalised(draft.account), [])
        if len(ids) > 1:
            why = AmbiguousMatch(f"{len(ids)} accounts are called so")
            draft.refuse(why, plan.column_of(said), said, draft.account)
        elif ids:
            setattr(draft.given, reference, ids[0])
            draft.named.add(reference)


async def _make_accounts(call: Call, names: list[str], drafts: list[Draft], plan: Plan) -> dict[str, list[str]]:
    made: dict[str, Account] = {}
    for name in names:
        try:
            made.setdefault(
                normalised(name), await ACCOUNTS.prepared(call, Account(display_name=name, source="import"))
            )
        except InvalidArgument as why:
            for draft in drafts:
                if draft.account == name:
                    draft.refuse(why, plan.column_of(plan.target.named[0]), plan.target.named[0], name)
    await insert_many(ACCOUNTS, call, list(made.values()))
    return {name: [account.id] for name, account in made.items()}


async def _create(call: Call, plan: Plan, drafts: list[Draft], outcome: Outcome) -> None:
    made = []
    for draft in drafts:
        try:
            if plan.mode == ImportJob.UPDATE:
                raise NotFound("no record has this key")
            record = await plan.target.resource.prepared(call, draft.given)
            if plan.target.resource is ACCOUNTS:
                await refuse_misplaced(call, record.id, record.parent_id)
            made.append(record)
            outcome.take(draft, record.id)
        except Refusal as why:
            _tell(draft, why, plan)
    await insert_many(plan.target.resource, call, made)
    outcome.created += len(made)


async def _update(call: Call, plan: Plan, found: list[tuple[Draft, str]], outcome: Outcome) -> None:
    resource = plan.target.resource
    if plan.mode == ImportJob.CREATE:
        for draft, id in found:
            draft.refuse(AlreadyExists("a record has this key", id=id), plan.column_of(draft.key[0]))
        return
    records = await lock_many(resource, call, [id for _, id in found]) if found else {}
    for draft, id in found:
        try:
            if id not in records:
                raise PermissionDenied("the record is not yours to change")
            record = resource.copy(records[id])
            merge(record, draft)
            if earlier := outcome.by_record.get(id, 0):
                _refuse_another(records[id], record, earlier)
            records[id], changed = await _saved(call, plan, record)
            outcome.take(draft, id)
            outcome.updated, outcome.unchanged = outcome.updated + changed, outcome.unchanged + (not changed)
        except Refusal as why:
            _tell(draft, why, plan)


def _refuse_another(before: Any, after: Any, line: int) -> None:
    """A second row of one record may say the same, and nothing else."""
    if before != after:
        raise _duplicate(line)


async def _saved(call: Call, plan: Plan, record: Any) -> tuple[Any, bool]:
    """As it is since, and whether that is new."""
    resource = plan.target.resource
    before: Any = call.before[plan.target.noun, record.id]
    if resource is ACCOUNTS and record.parent_id != before.parent_id:
        await refuse_misplaced(call, record.id, record.parent_id)
    after = await resource.save(call, record)
    return after, after.etag != before.etag


def _tell(draft: Draft, why: Refusal, plan: Plan) -> None:
    """Each broken rule by its column. What the database refused ends the transaction, and is told by the caller."""
    if why.__cause__ is not None:
        raise why
    for path, problem in why.fields.items():
        column = plan.column_of(path)
        draft.refuse(type(why)(f"{path}: {problem}"), column, path)
    if not why.fields:
        draft.refuse(why)
