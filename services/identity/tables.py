"""What identity keeps for itself: no rpc shows any of it, and what has a tenant is behind the tenant's wall."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)

from chassis.database.walls import wall
from identity.api_key.api_key import table as api_keys
from identity.doors import door
from identity.session.session import table as sessions
from identity.user.user import table as users

METADATA = MetaData()
_NOW = func.clock_timestamp()


def _of(records: Table, column: str) -> ForeignKeyConstraint:
    """It goes with its record, when that goes for good."""
    ends = [records.c.tenant_id, records.c.id]
    return ForeignKeyConstraint(["tenant_id", column], ends, name=f"fk__{column}", ondelete="cascade")


# argon2id, in the form that names its own parameters.
CREDENTIAL = wall(
    Table(
        "credential",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("user_id", Uuid, primary_key=True),
        Column("password_hash", Text, nullable=False),
        Column("change_time", DateTime(timezone=True), nullable=False, server_default=_NOW),
        _of(users, "user_id"),
    )
)

# A session's refresh tokens, one family: each generation follows from `seed` and our secret, so only the newest number
# and when it came are kept.
REFRESH_FAMILY = wall(
    Table(
        "refresh_family",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("session_id", Uuid, primary_key=True),
        Column("seed", LargeBinary, nullable=False),
        Column("generation", BigInteger, nullable=False),
        Column("turn_time", DateTime(timezone=True), nullable=False, server_default=_NOW),
        _of(sessions, "session_id"),
    )
)

# What a browser's cookie holds, and what an API key is: known by their SHA-256 only.
SECRET = door(
    wall(
        Table(
            "secret",
            METADATA,
            Column("tenant_id", Uuid, primary_key=True),
            Column("digest", LargeBinary, primary_key=True),
            Column("session_id", Uuid),
            Column("api_key_id", Uuid),
            Column("end_time", DateTime(timezone=True)),  # of one that was rotated
            _of(sessions, "session_id"),
            _of(api_keys, "api_key_id"),
            Index("secret_digest", "digest", unique=True),
            Index("secret_of_session", "tenant_id", "session_id"),
            Index("secret_of_api_key", "tenant_id", "api_key_id"),
        )
    ),
    "encode(digest, 'hex')",
)

# A user's authenticator app. What waits to be confirmed does not count; what counts has a last step that was shown.
TOTP = wall(
    Table(
        "totp",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("user_id", Uuid, primary_key=True),
        Column("sealed", LargeBinary),
        Column("waiting", LargeBinary),
        Column("last_step", BigInteger, nullable=False, server_default=text("0")),
        _of(users, "user_id"),
    )
)

# Known by an HMAC under our secret; each goes when it is shown.
RECOVERY_CODE = wall(
    Table(
        "recovery_code",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("user_id", Uuid, primary_key=True),
        Column("digest", LargeBinary, primary_key=True),
        _of(users, "user_id"),
    )
)

# Links in mails, known by their SHA-256 only; whoever shows one finds its tenant.
LINK = door(
    wall(
        Table(
            "link",
            METADATA,
            Column("tenant_id", Uuid, primary_key=True),
            Column("digest", LargeBinary, primary_key=True),
            Column("user_id", Uuid, nullable=False),
            Column("purpose", Text, nullable=False),
            Column("email", Text, nullable=False),  # the new one, where that is what is confirmed
            Column("expire_time", DateTime(timezone=True), nullable=False),
            _of(users, "user_id"),
            Index("link_digest", "digest", unique=True),
            Index("link_of_user", "tenant_id", "user_id"),
            Index("link_expire_time", "tenant_id", "expire_time"),
        )
    ),
    "encode(digest, 'hex')",
)

# What a tenant's sensitive fields are sealed with, in every service; each is itself sealed by KITH_IDENTITY_SECRET. A
# new one is used from `begin_time` on, when everybody has heard of it; the old ones stay for what they sealed.
DATA_KEY = wall(
    Table(
        "data_key",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("version", BigInteger, primary_key=True),
        Column("wrapped", LargeBinary, nullable=False),
        Column("begin_time", DateTime(timezone=True), nullable=False),
    )
)

# The end of each tenant's audit trail, sealed by KITH_IDENTITY_SECRET.
AUDIT_HEAD = wall(
    Table(
        "audit_head",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("hash", Text, nullable=False),
        Column("seal", Text, nullable=False),
    )
)

# What the keys are made from, with KITH_IDENTITY_SECRET, that values in the trail are shut by: to erase what it says of
# a record, its row here goes.
AUDIT_KEY = wall(
    Table(
        "audit_key",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("resource", Text, primary_key=True),
        Column("salt", LargeBinary, nullable=False),
    )
)

# Grows with every change; a principal's version is its own and that of its whole tenant (the nil user), added up.
PRINCIPAL_VERSION = wall(
    Table(
        "principal_version",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("user_id", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
    )
)

# Of which nouns records were ever shared with whom: what spares everybody else the question. A user or a team, of which
# `user_id` repeats the former, since only theirs is a principal of its own.
SHARED_WITH = wall(
    Table(
        "shared_with",
        METADATA,
        Column("tenant_id", Uuid, primary_key=True),
        Column("grantee_id", Uuid, primary_key=True),
        Column("noun", Text, primary_key=True),
        Column("user_id", Uuid),
    )
)

# What WatchPrincipals tells of; read across tenants by every replica, and swept soon after.
PRINCIPAL_CHANGE = Table(
    "principal_change",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),  # nil: everybody in the tenant
    Column("kid", Text),  # a signing key that was withdrawn; then both ids are nobody's
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Index("principal_change_time", "create_time"),
)

# Written before it is known whether there is such an account: digests only.
SIGN_IN_ATTEMPT = Table(
    "sign_in_attempt",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("account", LargeBinary, nullable=False),
    Column("place", LargeBinary, nullable=False),
    Column("known", Boolean, nullable=False),  # a device that the account was signed into from
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Index("sign_in_attempt_account", "account", "create_time"),
    Index("sign_in_attempt_place", "place", "create_time"),
)

# The private part is sealed by KITH_IDENTITY_SECRET. Without a begin it is the one to come, with an end it is leaving.
SIGNING_KEY = Table(
    "signing_key",
    METADATA,
    Column("kid", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False, server_default=_NOW),
    Column("begin_time", DateTime(timezone=True)),
    Column("end_time", DateTime(timezone=True)),
)
