"""What an import keeps beside its job: the file, what is wrong with its rows, and which row took which record."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

import orjson
from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    column,
    delete,
    event,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.schema import PrimaryKeyConstraint

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.ids import parse_id
from chassis.sealed.fields import place_of, ring_of
from contacts.import_job.import_job import IMPORT_JOBS
from kith.contacts.v1.import_job_pb2 import ImportRowError

METADATA = MetaData()


def _of_job_for_good() -> ForeignKeyConstraint:
    """It goes with the job, when that goes for good."""
    jobs, columns = IMPORT_JOBS.table.c, ["tenant_id", "import_job_id"]
    return ForeignKeyConstraint(columns, [jobs.tenant_id, jobs.id], name="fk__import_job_id", ondelete="cascade")


CONTENT = wall(
    Table(
        "import_content",
        METADATA,
        Column("tenant_id", Uuid),
        Column("import_job_id", Uuid),
        Column("start", BigInteger),  # in bytes from the beginning of the file
        Column("content", LargeBinary, nullable=False),
        PrimaryKeyConstraint("tenant_id", "import_job_id", "start", name="pk_import_content__offset"),
        _of_job_for_good(),
    )
)
ERROR = wall(
    Table(
        "import_error",
        METADATA,
        Column("tenant_id", Uuid),
        Column("import_job_id", Uuid),
        Column("line", BigInteger),
        Column("number", Integer),  # of the errors of one line
        Column("column", Text, nullable=False),
        Column("field", Text, nullable=False),
        Column("value", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("message", Text, nullable=False),
        Column("left_out", Boolean, nullable=False),
        PrimaryKeyConstraint("tenant_id", "import_job_id", "line", "number", name="pk_import_error__line"),
        _of_job_for_good(),
    )
)
# A record takes one row of a file: without this two rows of one customer would change it back and forth for ever. A
# dry run has no records, so the key is kept too.
ROW = wall(
    Table(
        "import_row",
        METADATA,
        Column("tenant_id", Uuid),
        Column("import_job_id", Uuid),
        Column("key", Text),
        Column("line", BigInteger, nullable=False),
        Column("digest", Text, nullable=False),  # of the row's cells
        Column("record_id", Uuid),
        PrimaryKeyConstraint("tenant_id", "import_job_id", "key", name="pk_import_row__key"),
        Index("import_row_by_record", "tenant_id", "import_job_id", "record_id"),
    )
)
# A planner that knows nothing of a table reads all of it where an index would do, and autovacuum looks at a table that
# an import fills once a minute. Whoever runs it need not own the tables for this.
_LEARN = DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    "create function learn_sizes() returns void language sql security definer set search_path = public, pg_temp"
    " as 'analyze account; analyze contact; analyze import_row'"
)
event.listen(ROW, "after_create", _LEARN)
_TENANT, _JOB = bindparam("caller_tenant", type_=Uuid), bindparam("job", type_=Uuid)


def _of_job(table: Table) -> list[Any]:
    return [table.c.tenant_id == _TENANT, table.c.import_job_id == _JOB]


_ADD = Statement(
    insert(CONTENT).values(
        tenant_id=_TENANT,
        import_job_id=_JOB,
        start=bindparam("start", type_=BigInteger),
        content=bindparam("content", type_=LargeBinary),
    )
)
_NEXT = Statement(
    select(CONTENT.c.start, CONTENT.c.content)
    .where(*_of_job(CONTENT), CONTENT.c.start >= bindparam("start", type_=BigInteger))
    .order_by(CONTENT.c.start)
    .limit(1)
)


def _rows_by(name: str) -> Statement:
    """Value by value: a planner that knows nothing of this table yet would read all rows of the job for them."""
    wanted = func.unnest(bindparam("wanted", type_=ARRAY(ROW.c[name].type))).table_valued("value").render_derived()
    having = select(ROW.c.key, ROW.c.line, ROW.c.digest, ROW.c.record_id).where(
        *_of_job(ROW), ROW.c[name] == wanted.c.value
    )
    found = having.offset(0).lateral("found")
    return Statement(select(*found.c).select_from(wanted.join(found, true())))


_ROWS_BY_KEY, _ROWS_BY_RECORD = _rows_by("key"), _rows_by("record_id")
_FORGET = [Statement(delete(table).where(*_of_job(table))) for table in (CONTENT, ROW)]
_FORGET_ROWS = Statement(delete(ROW).where(*_of_job(ROW)))
_FORGET_RUN = [Statement(delete(table).where(*_of_job(table))) for table in (ERROR, ROW)]
_ERRORS = Statement(
    select(ERROR)
    .where(
        *_of_job(ERROR),
        tuple_(ERROR.c.line, ERROR.c.number)
        > tuple_(bindparam("after_line", type_=BigInteger), bindparam("after_number", type_=Integer)),
    )
    .order_by(ERROR.c.line, ERROR.c.number)
    .limit(bindparam("page_limit", type_=Integer))
)


def _addition(table: Table) -> Statement:
    names = [one.name for one in table.c if one.name not in ("tenant_id", "import_job_id")]
    columns = (column(name, table.c[name].type) for name in names)
    rows = (
        func.jsonb_to_recordset(bindparam("rows", type_=JSONB)).table_valued(*columns).render_derived(with_types=True)
    )
    values = select(_TENANT, _JOB, *(rows.c[name] for name in names))
    return Statement(insert(table).from_select(["tenant_id", "import_job_id", *names], values))


_ADD_ERRORS, _ADD_ROWS = _addition(ERROR), _addition(ROW)


_LEARN_SIZES = Statement(select(func.learn_sizes()))


async def learn_sizes(call: Call) -> None:
    """Tell the planner how large the tables have become. Nobody else can until the transaction ends."""
    await call.fetch(_LEARN_SIZES, {})


async def add_content(call: Call, job_id: str, start: int, content: bytes) -> None:
    """Sealed, whatever is in it: which columns are sensitive nobody knows yet."""
    sealed = ring_of(call).seal_bytes(_place(call, job_id, start), content)
    await call.fetch(_ADD, {"job": parse_id(job_id), "start": start, "content": sealed})


async def next_content(call: Call, job_id: str, start: int) -> bytes:
    """The piece of the file that begins at `start`; empty at its end."""
    rows = await call.fetch(_NEXT, {"job": parse_id(job_id), "start": start})
    return ring_of(call).open_bytes(_place(call, job_id, rows[0]["start"]), rows[0]["content"]) if rows else b""


def _place(call: Call, job_id: str, start: int) -> bytes:
    return place_of(call.caller.tenant_id, "contacts.import_job", job_id, f"content/{start}")


async def rows_by_key(call: Call, job_id: str, keys: Iterable[str]) -> list[Any]:
    """Which rows of this file have had one of these keys."""
    return await call.fetch(_ROWS_BY_KEY, {"job": parse_id(job_id), "wanted": list(keys)})


async def rows_by_record(call: Call, job_id: str, ids: Iterable[str]) -> list[Any]:
    """Which rows of this file have had one of these records."""
    return await call.fetch(_ROWS_BY_RECORD, {"job": parse_id(job_id), "wanted": [parse_id(id) for id in ids]})


async def keep(call: Call, job_id: str, errors: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> None:
    for statement, some in ((_ADD_ERRORS, errors), (_ADD_ROWS, rows)):
        if some:
            await call.fetch(statement, {"job": parse_id(job_id), "rows": orjson.dumps(some).decode()})


async def forget_file(call: Call, job_id: str) -> None:
    """Of an import that is over: what it was made of is other people's data, and no longer needed."""
    for statement in _FORGET:
        await call.fetch(statement, {"job": parse_id(job_id)})


async def forget_rows(call: Call, job_id: str) -> None:
    """Which row had which key, once all of them are read."""
    await call.fetch(_FORGET_ROWS, {"job": parse_id(job_id)})


async def forget_run(call: Call, job_id: str) -> None:
    """What a dry run found, before the next one."""
    for statement in _FORGET_RUN:
        await call.fetch(statement, {"job": parse_id(job_id)})


async def errors_after(call: Call, job_id: str, line: int, number: int, limit: int) -> list[Any]:
    named = {"job": parse_id(job_id), "after_line": line, "after_number": number, "page_limit": limit}
    return await call.fetch(_ERRORS, named)


def error_of(row: Any, hidden: Set[str]) -> ImportRowError:
    names = ["line", "column", "reason", "left_out"]
    if row["field"].partition(".")[0].partition("[")[0] not in hidden:
        names += ["value", "message"]
    return ImportRowError(**{name: row[name] for name in names})
