"""The tables of the event log in PostgreSQL, which is a database of its own: `kith_events`."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

METADATA = MetaData()

LOG = Table(
    "event_log",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("key", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("append_time", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("event_log_age", "append_time", postgresql_using="brin"),  # retention
)
HEADS = Table(
    "log_partition",
    METADATA,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("number", Integer, Identity(always=True), nullable=False),  # names the partition among a group's locks
)

Place = tuple[str, int]  # topic, partition
