"""The rows of identity's own that sign-ins leave: password hashes, refresh tokens, secrets of sessions and keys."""

from sqlalchemy import DateTime, LargeBinary, Text, Uuid, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.database.statement import Statement
from identity.tables import CREDENTIAL, REFRESH_TOKEN, SECRET

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
    insert(SECRET).values(tenant_id=_TENANT, digest=_DIGEST, record_id=bindparam("record", type_=Uuid))
)
FIND_SECRET = Statement(select(SECRET.c.tenant_id, SECRET.c.record_id).where(SECRET.c.digest == _DIGEST))

ADD_REFRESH = Statement(
    insert(REFRESH_TOKEN).values(
        tenant_id=_TENANT,
        digest=_DIGEST,
        session_id=bindparam("session", type_=Uuid),
        seed=bindparam("seed", type_=LargeBinary),
    )
)
FIND_REFRESH = Statement(select(REFRESH_TOKEN.c.tenant_id).where(REFRESH_TOKEN.c.digest == _DIGEST))
_mine = REFRESH_TOKEN.c.tenant_id == _TENANT, REFRESH_TOKEN.c.digest == _DIGEST
HOLD_REFRESH = Statement(
    select(REFRESH_TOKEN.c.session_id, REFRESH_TOKEN.c.seed, REFRESH_TOKEN.c.spend_time).where(*_mine).with_for_update()
)
SPEND_REFRESH = Statement(
    update(REFRESH_TOKEN).where(*_mine).values(spend_time=bindparam("moment", type_=DateTime(timezone=True)))
)
FORGET_REFRESH = Statement(
    delete(REFRESH_TOKEN).where(
        REFRESH_TOKEN.c.tenant_id == _TENANT, REFRESH_TOKEN.c.session_id == bindparam("session", type_=Uuid)
    )
)
