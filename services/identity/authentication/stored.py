"""The rows of identity's own that sign-ins leave: password hashes, refresh tokens, secrets of sessions and keys."""

from sqlalchemy import (
    BigInteger,
    DateTime,
    LargeBinary,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.database.statement import Statement
from identity.tables import CREDENTIAL, REFRESH_FAMILY, SECRET

_TENANT, _USER = bindparam("caller_tenant", type_=Uuid), bindparam("user", type_=Uuid)
_HASH, _DIGEST = bindparam("hash", type_=Text), bindparam("digest", type_=LargeBinary)

PASSWORD_OF = Statement(
    select(CREDENTIAL.c.password_hash).where(CREDENTIAL.c.tenant_id == _TENANT, CREDENTIAL.c.user_id == _USER)
)
SET_PASSWORD = Statement(
    insert_or(CREDENTIAL)
    .values(tenant_id=_TENANT, user_id=_USER, password_hash=_HASH)
    .on_conflict_do_update(
        index_elements=["tenant_id", "user_id"], set_={"password_hash": _HASH, "change_time": func.now()}
    )
)
ADD_SECRET = Statement(
    insert(SECRET).values(
        tenant_id=_TENANT,
        digest=_DIGEST,
        session_id=bindparam("session", type_=Uuid),
        api_key_id=bindparam("api_key", type_=Uuid),
    )
)
# Of a browser's session: the secret it had opens nothing any more.
TURN_SECRET = Statement(
    update(SECRET)
    .where(SECRET.c.tenant_id == _TENANT, SECRET.c.session_id == bindparam("session", type_=Uuid))
    .values(digest=_DIGEST)
)
FIND_SECRET = Statement(
    select(SECRET.c.tenant_id, SECRET.c.session_id, SECRET.c.api_key_id).where(
        SECRET.c.digest == _DIGEST, or_(SECRET.c.end_time.is_(None), SECRET.c.end_time > func.now())
    )
)
_OF_KEY = SECRET.c.tenant_id == _TENANT, SECRET.c.api_key_id == bindparam("api_key", type_=Uuid)
END_SECRETS = Statement(update(SECRET).where(*_OF_KEY).values(end_time=bindparam("end", type_=DateTime(timezone=True))))
DROP_SECRETS = Statement(delete(SECRET).where(*_OF_KEY))
DROP_ENDING_SECRETS = Statement(delete(SECRET).where(*_OF_KEY, SECRET.c.end_time.is_not(None)))

_FAMILY = REFRESH_FAMILY.c.tenant_id == _TENANT, REFRESH_FAMILY.c.session_id == bindparam("session", type_=Uuid)
BEGIN_FAMILY = Statement(
    insert(REFRESH_FAMILY).values(
        tenant_id=_TENANT,
        session_id=bindparam("session", type_=Uuid),
        seed=bindparam("seed", type_=LargeBinary),
        generation=bindparam("generation", type_=BigInteger),
    )
)
# Its tokens so far open nothing any more.
RESEED_FAMILY = Statement(
    update(REFRESH_FAMILY)
    .where(*_FAMILY)
    .values(
        seed=bindparam("seed", type_=LargeBinary),
        generation=bindparam("generation", type_=BigInteger),
        turn_time=func.clock_timestamp(),
    )
)
HOLD_FAMILY = Statement(
    select(REFRESH_FAMILY.c.seed, REFRESH_FAMILY.c.generation, REFRESH_FAMILY.c.turn_time)
    .where(*_FAMILY)
    .with_for_update()
)
TURN_FAMILY = Statement(
    update(REFRESH_FAMILY)
    .where(*_FAMILY)
    .values(
        generation=bindparam("generation", type_=BigInteger),
        turn_time=bindparam("moment", type_=DateTime(timezone=True)),
    )
)
