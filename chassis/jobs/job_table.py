"""The table of jobs: a claim, its fence and its end, one statement each. All times are the database's.

A claim moves `due_time` past the lease, so a dead runner's job falls due again by itself. `attempts` is the fence: who
lost the lease finds another attempt's number and may write nothing.
"""

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chassis.database.statement import Statement

METADATA = MetaData()
LEASE = timedelta(seconds=30)

JOB = Table(
    "job",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("setter_id", Uuid, nullable=False),  # the principal whose rights the work has
    Column("api_key_id", Uuid),  # by which a program set it; it must be good still
    Column("permission", Text, nullable=False),  # of the call that set it; the setter must still have it
    Column("kind", Text, nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("traceparent", Text, nullable=False),  # of its cause
    Column("due_time", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),  # attempts that ended in an error of its own
    Column("silences", Integer, nullable=False, server_default=text("0")),  # claims in a row that nobody heard of again
    Column("end_time", DateTime(timezone=True)),  # done, or given up if `failure` says why
    Column("failure", Text, nullable=False, server_default=text("''")),
    Index("job_due", "due_time", postgresql_where=text("end_time is null")),
    Index("job_ended", "end_time", postgresql_where=text("end_time is not null")),  # retention
)

_NOW = func.clock_timestamp()
_lease = bindparam("lease", type_=Interval)
_why = bindparam("why", type_=Text)
_given = {
    name: bindparam(name, type_=JOB.c[name].type)
    for name in ("id", "tenant_id", "setter_id", "api_key_id", "permission", "kind", "request", "traceparent")
}
_after = bindparam("after", type_=Interval)
ADD = Statement(
    insert(JOB)
    .values(**_given, due_time=func.coalesce(bindparam("at", type_=DateTime(timezone=True)), _NOW + _after))
    .on_conflict_do_nothing()
)
_due = (
    select(JOB.c.id)
    .where(JOB.c.end_time.is_(None), JOB.c.due_time <= _NOW)
    .where(JOB.c.kind == func.any(bindparam("kinds", type_=ARRAY(Text))))  # an older release leaves what it knows not
    .order_by(JOB.c.due_time)
    .limit(bindparam("free", type_=BigInteger))
    .with_for_update(skip_locked=True)
    .cte("due")
)
CLAIM = Statement(
    update(JOB)
    .where(JOB.c.id == _due.c.id)
    .values(due_time=_NOW + _lease, attempts=JOB.c.attempts + 1, silences=JOB.c.silences + 1)
    .returning(*JOB.c)
)
_mine = and_(
    JOB.c.id == bindparam("id_", type_=Uuid),
    JOB.c.attempts == bindparam("attempt", type_=Integer),
    JOB.c.end_time.is_(None),
)
_ours = update(JOB).where(_mine)
RENEW = Statement(_ours.values(due_time=_NOW + _lease, silences=0).returning(JOB.c.id))
END = Statement(_ours.values(end_time=_NOW, failure="").returning(JOB.c.id))
PUT_OFF = Statement(
    _ours.values(
        due_time=_NOW + _lease,
        failure=_why,
        failures=JOB.c.failures + bindparam("failed", type_=Integer),
        silences=0,
    )
)
GIVE_UP = Statement(_ours.values(end_time=_NOW, failure=_why).returning(JOB.c.id))
HURRY = Statement(
    update(JOB).where(JOB.c.id == bindparam("id_", type_=Uuid), JOB.c.end_time.is_(None)).values(due_time=_NOW)
)
# Never waits: whoever holds the row is a piece of this very job, which has renewed the lease itself.
_free = select(JOB.c.id).where(_mine).with_for_update(skip_locked=True)
BEAT = Statement(update(JOB).where(JOB.c.id.in_(_free)).values(due_time=_NOW + _lease))
