"""Who was shown which records: a row a record and grantee, asked by the statements that ask for the records."""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    ScalarSelect,
    SmallInteger,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.access.sight import Level
from chassis.database.walls import wall

METADATA = MetaData()
SHARE = wall(
    Table(
        "share",
        METADATA,
        Column("tenant_id", Uuid),
        Column("noun", Text),
        Column("record_id", Uuid),
        Column("grantee_id", Uuid),  # a user or a team
        Column("is_team", Boolean, nullable=False),
        Column("level", SmallInteger, nullable=False),
        Column("expire_time", DateTime(timezone=True)),
        Column("reason", Text, nullable=False),
        Column("creator_id", Uuid, nullable=False),
        Column("create_time", DateTime(timezone=True), nullable=False),
        PrimaryKeyConstraint("tenant_id", "noun", "record_id", "grantee_id", name="pk_share__grantee_id"),
        Index("share_by_grantee", "tenant_id", "grantee_id", "noun", "record_id"),
    )
)
_TENANT = bindparam("caller_tenant", type_=Uuid)
STANDS = or_(SHARE.c.expire_time.is_(None), SHARE.c.expire_time > func.now())


def shared_with_caller(noun: str, level: Level) -> ScalarSelect[Any]:
    """Ids of the records of `noun` that somebody shared with the caller, or a team of theirs, at least at `level`."""
    return (
        select(SHARE.c.record_id)
        .where(
            SHARE.c.tenant_id == _TENANT,
            SHARE.c.grantee_id == any_(bindparam("caller_grantees", type_=ARRAY(Uuid))),
            SHARE.c.noun == literal_column(f"'{noun}'", Text),
            SHARE.c.level >= literal_column(str(int(level)), SmallInteger),
            STANDS,
        )
        .scalar_subquery()
    )
