"""What the gateway asks of identity: the only place that knows its rpcs by name."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.incoming import Incoming
from gateway.problems import unauthenticated
from gateway.rpc.backend import Backend

AUTHENTICATION = "kith.identity.v1.Authentication."
ASK_SECONDS = 1.0
SIGN_IN_SECONDS = 10.0  # argon2id in a bounded pool: whoever comes with many others waits
LONGEST_DEVICE = 200


@dataclass(frozen=True)
class Tokens:
    """`until` is when the access token ends, in seconds since 1970 by identity's clock."""

    access_token: str
    until: float
    whole: dict[str, Any]  # the reply as JSON


class Identity:
    """Every method raises Problem: UNAUTHENTICATED for what identity does not accept, UNAVAILABLE when it is away."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def sign_in(self, incoming: Incoming, email: str, password: str, tenant: str) -> Tokens:
        device = incoming.header(b"user-agent")[:LONGEST_DEVICE]
        return await self._tokens(
            "SignIn", incoming, SIGN_IN_SECONDS, email=email, password=password, tenant_slug=tenant, device=device,
            client_address=incoming.address,
        )  # fmt: skip

    async def refresh(self, incoming: Incoming, refresh_token: str) -> Tokens:
        return await self._tokens("RefreshToken", incoming, ASK_SECONDS, refresh_token=refresh_token)

    async def resume(self, incoming: Incoming, secret: str) -> Tokens:
        """An access token for the session whose secret the cookie holds."""
        return await self._tokens("ResumeSession", incoming, ASK_SECONDS, session_secret=secret)

    async def sign_out(self, incoming: Incoming) -> None:
        await self._backend.rpc(AUTHENTICATION + "SignOut")(incoming, ASK_SECONDS)

    async def who_am_i(self, incoming: Incoming) -> dict[str, Any]:
        """WhoAmIResponse as JSON."""
        found: dict[str, Any] = await self._backend.rpc(AUTHENTICATION + "WhoAmI")(incoming, ASK_SECONDS)
        return found

    async def caller(self, incoming: Incoming) -> tuple[str, str]:
        """Tenant id and user id."""
        principal = (await self.who_am_i(incoming)).get("principal") or {}
        if not principal.get("tenantId"):
            raise unauthenticated("this token belongs to nobody")
        return principal["tenantId"], principal["userId"]

    async def _tokens(self, rpc: str, incoming: Incoming, seconds: float, **fields: str) -> Tokens:
        reply = await self._backend.rpc(AUTHENTICATION + rpc)(incoming, seconds, **fields)
        return Tokens(reply["accessToken"], moment(reply.get("accessTokenExpireTime", "")), reply)


def moment(stamp: str) -> float:
    """Seconds since 1970; 0 where there is no moment."""
    return datetime.fromisoformat(stamp).timestamp() if stamp else 0.0


def seconds_until(stamp: str) -> int:
    return max(0, int(moment(stamp) - datetime.now(UTC).timestamp()))
