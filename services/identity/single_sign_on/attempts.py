"""Sign-ins under way: begun in one browser, good for ten minutes, and once.

Only digests are kept. Nonce and PKCE verifier follow from what the browser holds and identity's own secret, so neither
a copy of the table nor a copy of the cookie gives them.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
)

from chassis.call import Call
from chassis.database.statement import Statement
from chassis.errors import Unauthenticated
from identity.authentication.opaque import digest, new_secret

METADATA = MetaData()
LASTS = timedelta(minutes=10)
BROWSER = "kso"

# Without a wall, since it is found before its tenant is known: what it says means nothing to who lacks the secrets.
SSO_ATTEMPT = Table(
    "sso_attempt",
    METADATA,
    Column("state", LargeBinary, primary_key=True),
    Column("browser", LargeBinary, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("identity_provider_id", Uuid, nullable=False),
    Column("return_path", Text, nullable=False),
    Column("user_id", Uuid),  # whom to link, and in which session they said so
    Column("session_id", Uuid),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Index("sso_attempt_expire_time", "expire_time"),
)
_BEGIN = Statement(
    insert(SSO_ATTEMPT).values({name: bindparam(name, type_=c.type) for name, c in SSO_ATTEMPT.c.items()})
)
_TAKE = Statement(
    delete(SSO_ATTEMPT)
    .where(SSO_ATTEMPT.c.state == bindparam("state", type_=LargeBinary))
    .returning(*SSO_ATTEMPT.c, (SSO_ATTEMPT.c.expire_time > func.now()).label("is_good"))
)


class SsoStateInvalid(Unauthenticated): ...


@dataclass(frozen=True, slots=True)
class Begun:
    """What only the browser, and for a moment we, know."""

    state: str
    browser_secret: str

    @classmethod
    def new(cls) -> "Begun":
        return cls(secrets.token_urlsafe(32), new_secret(BROWSER))

    def nonce(self, sealing: str) -> str:
        return self._following("nonce", sealing)

    def verifier(self, sealing: str) -> str:
        """43 characters (RFC 7636, section 4.1)."""
        return self._following("verifier", sealing)

    def challenge(self, sealing: str) -> str:
        """S256."""
        return _text(hashlib.sha256(self.verifier(sealing).encode()).digest())

    def _following(self, what: str, sealing: str) -> str:
        said = f"sso {what}\0{self.state}\0{self.browser_secret}".encode()
        return _text(hmac.digest(sealing.encode(), said, hashlib.sha256))


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where it is to end. `links` is the user to be linked and the session they consented in; None: a sign-in."""

    tenant_id: UUID
    identity_provider_id: UUID
    return_path: str
    links: tuple[UUID, UUID | None] | None = None


async def begin(call: Call, attempt: Attempt) -> tuple[Begun, datetime]:
    """And when it is over."""
    begun, expires = Begun.new(), call.now + LASTS
    user_id, session_id = attempt.links or (None, None)
    row = {
        "state": digest(begun.state),
        "browser": digest(begun.browser_secret),
        "tenant_id": attempt.tenant_id,
        "identity_provider_id": attempt.identity_provider_id,
        "return_path": attempt.return_path,
        "user_id": user_id,
        "session_id": session_id,
        "expire_time": expires,
    }
    await call.fetch(_BEGIN, row)
    return begun, expires


async def take(call: Call, begun: Begun) -> Attempt:
    """Gone from then on, whoever shows it. Raises SsoStateInvalid, and has committed by then."""
    rows = await call.fetch(_TAKE, {"state": digest(begun.state)})
    await call.session.finish(commit=True)
    row = rows[0] if rows else None
    if row is None or not row["is_good"] or not hmac.compare_digest(row["browser"], digest(begun.browser_secret)):
        raise SsoStateInvalid("this sign-in was not begun here, is over, or was ended before")
    links = (row["user_id"], row["session_id"]) if row["user_id"] else None
    return Attempt(row["tenant_id"], row["identity_provider_id"], row["return_path"], links)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
