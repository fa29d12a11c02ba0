"""What the small services of these tests keep, behind the same walls as nouns."""

from sqlalchemy import BigInteger, Column, Identity, MetaData, Table, Text, Uuid, bindparam, func, insert, update
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis import requests
from chassis.database.statement import Statement
from chassis.database.walls import wall
from chassis.events import inbox, outbox
from chassis.jobs import job_table, saga_table

METADATA = MetaData()
THING = wall(
    Table(
        "thing",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("id", Uuid, primary_key=True),
        Column("sequence", BigInteger, nullable=False, server_default="0"),
    )
)
APPLIED = wall(
    Table(
        "applied",
        METADATA,
        Column("n", BigInteger, Identity(), primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("word", Text, nullable=False),
        Column("traceparent", Text, nullable=False),
    )
)
FACT = wall(
    Table(
        "fact",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("aggregate_id", Uuid, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("digest", Text, nullable=False),
    )
)
# What a job or a step of a saga has done.
DONE = wall(
    Table(
        "done",
        METADATA,
        Column("n", BigInteger, Identity(), primary_key=True),
        Column("tenant_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        Column("word", Text, nullable=False),
        Column("user_id", Uuid, nullable=False),
    )
)
ALL = [METADATA, requests.METADATA, outbox.METADATA, inbox.METADATA, job_table.METADATA, saga_table.METADATA]


def adding(table: Table) -> Statement:
    return Statement(insert(table).values({c.name: bindparam(c.name, type_=c.type) for c in table.c if c.name != "n"}))


ADD_APPLIED, ADD_DONE = adding(APPLIED), adding(DONE)
_fact = upsert(FACT).values({c.name: bindparam(c.name, type_=c.type) for c in FACT.c})
KEEP_FACT = Statement(
    _fact.on_conflict_do_update(
        index_elements=list(FACT.primary_key),
        set_={"sequence": _fact.excluded.sequence, "digest": func.md5(FACT.c.digest + _fact.excluded.digest)},
        where=FACT.c.sequence < _fact.excluded.sequence,
    )
)
CHANGE = Statement(
    update(THING)
    .where(THING.c.tenant_id == bindparam("tenant", type_=Uuid), THING.c.id == bindparam("id_", type_=Uuid))
    .values(sequence=THING.c.sequence + 1)
    .returning(THING.c.sequence)
)

GRANTS = """
grant select, insert, update, delete on thing, applied, fact, done to crew_app;
grant insert, select (position, lane) on outbox to crew_app;
grant select, insert, update on inbox, inbox_sequence, inbox_offset, job, saga to crew_app;
grant select, delete on outbox, request to crew_worker;
grant select, delete on inbox to crew_worker;
grant select on inbox_sequence, inbox_offset to crew_worker;
grant select, update, delete on job, saga to crew_worker;
create policy sweep on request to crew_worker using (create_time < now() - interval '24 hours');
"""
EVENT_GRANTS = """
grant select, insert, update on log_partition to crew_worker;
grant select, insert, delete on event_log to crew_worker;
"""
