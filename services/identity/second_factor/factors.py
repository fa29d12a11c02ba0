"""The second factors of one user, as identity keeps them: sealed, and each code good once."""

import base64
import hmac
import os
import secrets
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Uuid, bindparam, delete, func, insert, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import InvalidArgument
from chassis.sealed.sealer import Sealer
from identity.authority import authority_of
from identity.second_factor import rules
from identity.tables import RECOVERY_CODE, TOTP

SECRET_BYTES = 20  # a secret as long as SHA-1's result (RFC 4226, 4)
CODES, LETTERS_A_CODE = 10, 16
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for another


class CodeRefused(InvalidArgument):
    """The same whether it is wrong, was shown before, or is of another time."""


_TENANT, _USER = bindparam("caller_tenant", type_=Uuid), bindparam("caller_user", type_=Uuid)
_SEALED = bindparam("sealed", type_=LargeBinary)
_OWN = TOTP.c.tenant_id == _TENANT, TOTP.c.user_id == _USER
_WAIT = Statement(
    insert_or(TOTP)
    .values(tenant_id=_TENANT, user_id=_USER, waiting=_SEALED)
    .on_conflict_do_update(index_elements=["tenant_id", "user_id"], set_={"waiting": _SEALED})
)
_READ = Statement(select(TOTP.c.sealed, TOTP.c.waiting, TOTP.c.last_step).where(*_OWN))
_STEP = bindparam("step", type_=BigInteger)
# Of two who show one code at once the second finds the step taken.
_SHOW = Statement(update(TOTP).where(*_OWN, TOTP.c.last_step < _STEP).values(last_step=_STEP).returning(TOTP.c.user_id))
_COUNT = Statement(
    update(TOTP)
    .where(*_OWN, TOTP.c.waiting == _SEALED)
    .values(sealed=_SEALED, waiting=null(), last_step=_STEP)
    .returning(TOTP.c.user_id)
)
_CODES_OF = RECOVERY_CODE.c.tenant_id == _TENANT, RECOVERY_CODE.c.user_id == bindparam("user", type_=Uuid)
_FORGET_TOTP = Statement(
    delete(TOTP).where(TOTP.c.tenant_id == _TENANT, TOTP.c.user_id == bindparam("user", type_=Uuid))
)
_FORGET_CODES = Statement(delete(RECOVERY_CODE).where(*_CODES_OF))
_KEEP_CODES = Statement(
    insert(RECOVERY_CODE).from_select(
        ["tenant_id", "user_id", "digest"],
        select(_TENANT, _USER, func.unnest(bindparam("digests", type_=ARRAY(LargeBinary)))),
    )
)
_TAKE_CODE = Statement(
    delete(RECOVERY_CODE)
    .where(*_CODES_OF, RECOVERY_CODE.c.digest == bindparam("digest", type_=LargeBinary))
    .returning(RECOVERY_CODE.c.user_id)
)


async def begin_totp(call: Call) -> str:
    """A secret that does not count before it is confirmed, in base32."""
    secret = os.urandom(SECRET_BYTES)
    await call.fetch(_WAIT, {"sealed": _seal(call, secret)})
    return base64.b32encode(secret).decode()


async def confirm_totp(call: Call, code: str) -> None:
    """The waiting secret counts from now on. Raises CodeRefused."""
    rows = await call.fetch(_READ, {})
    if not rows or rows[0]["waiting"] is None:
        raise _refused()
    waiting: bytes = rows[0]["waiting"]
    step = rules.step_of(_opened(call, waiting), rules.plain(code), call.now.timestamp(), 0)
    if step is None or not await call.fetch(_COUNT, {"sealed": waiting, "step": step}):
        raise _refused()


async def show(call: Call, code: str) -> str:
    """What it was: `totp` or `recovery_code`; it is used up. Raises CodeRefused."""
    if await show_totp(call, code):
        return "totp"
    shown = {"user": call.caller.user_id, "digest": _digest(call, rules.plain(code))}
    if not await call.fetch(_TAKE_CODE, shown):
        raise _refused()
    return "recovery_code"


async def show_totp(call: Call, code: str) -> bool:
    """Whether it is one of the app's that was not shown before."""
    rows = await call.fetch(_READ, {})
    if not rows or rows[0]["sealed"] is None:
        return False
    secret, seconds = _opened(call, rows[0]["sealed"]), call.now.timestamp()
    step = rules.step_of(secret, rules.plain(code), seconds, rows[0]["last_step"])
    return step is not None and bool(await call.fetch(_SHOW, {"step": step}))


async def new_recovery_codes(call: Call) -> list[str]:
    """In place of those before."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LETTERS_A_CODE)) for _ in range(CODES)]
    await call.fetch(_FORGET_CODES, {"user": call.caller.user_id})
    await call.fetch(_KEEP_CODES, {"digests": [_digest(call, code) for code in codes]})
    return ["-".join(code[at : at + 4] for at in range(0, LETTERS_A_CODE, 4)) for code in codes]


async def forget(call: Call, user_id: UUID) -> None:
    """The app and the recovery codes of a user open nothing any more."""
    await forget_app(call, user_id)
    await call.fetch(_FORGET_CODES, {"user": user_id})


async def forget_app(call: Call, user_id: UUID) -> None:
    await call.fetch(_FORGET_TOTP, {"user": user_id})


def refuse_wrong(shown: bool) -> None:
    """Raises CodeRefused."""
    if not shown:
        raise _refused()


def _refused() -> CodeRefused:
    return CodeRefused("the code is wrong or was used", fields={"code": "is wrong or was used"})


def _seal(call: Call, secret: bytes) -> bytes:
    return _sealer(call).seal(_whose(call), secret)


def _opened(call: Call, sealed: bytes) -> bytes:
    return _sealer(call).open(_whose(call), sealed)


def _sealer(call: Call) -> Sealer:
    return Sealer.of("kith totp", authority_of(call).sealing)


def _whose(call: Call) -> bytes:
    """Bound to one user: copied to another's row it opens nothing."""
    return call.caller.tenant_id.bytes + call.caller.user_id.bytes


def _digest(call: Call, code: str) -> bytes:
    return hmac.digest(authority_of(call).sealing.encode(), b"recovery\0" + _whose(call) + code.encode(), "sha256")
