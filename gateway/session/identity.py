"""What the gateway asks of identity: the only place that knows its rpcs by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.incoming import Incoming
from gateway.problems import unauthenticated
from gateway.rpc.backend import Backend

AUTHENTICATION = "kith.identity.v1.Authentication."
SINGLE_SIGN_ON = "kith.identity.v1.SingleSignOn."
ACCOUNTS = "kith.identity.v1.Accounts."
SECOND_FACTORS = "kith.identity.v1.SecondFactors."
ASK_SECONDS = 1.0
SSO_SECONDS = 20.0  # identity asks the provider for up to three things, five seconds each
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

    async def sign_in(self, incoming: Incoming, email: str, password: str, tenant: str, known_by: str) -> Tokens:
        """`known_by` is the device's token of an earlier sign-in."""
        device = incoming.header(b"user-agent")[:LONGEST_DEVICE]
        return await self._tokens(
            "SignIn", incoming, SIGN_IN_SECONDS, email=email, password=password, tenant_slug=tenant, device=device,
            client_address=incoming.address, device_token=known_by,
        )  # fmt: skip

    async def start_sso(self, incoming: Incoming, provider: str, return_path: str) -> dict[str, Any]:
        """StartSsoResponse as JSON."""
        rpc = self._backend.rpc(SINGLE_SIGN_ON + "StartSso")
        begun: dict[str, Any] = await rpc(incoming, SSO_SECONDS, identity_provider_id=provider, return_path=return_path)
        return begun

    async def link_identity(self, incoming: Incoming, provider: str, return_path: str) -> dict[str, Any]:
        """StartSsoResponse as JSON."""
        rpc = self._backend.rpc(SINGLE_SIGN_ON + "LinkIdentity")
        begun: dict[str, Any] = await rpc(incoming, SSO_SECONDS, identity_provider_id=provider, return_path=return_path)
        return begun

    async def complete_sso(self, incoming: Incoming, browser_secret: str, said: Mapping[str, str]) -> dict[str, Any]:
        """CompleteSsoResponse as JSON; `said` is what the provider sent the browser back with."""
        device = incoming.header(b"user-agent")[:LONGEST_DEVICE]
        ended: dict[str, Any] = await self._backend.rpc(SINGLE_SIGN_ON + "CompleteSso")(
            incoming, SSO_SECONDS, browser_secret=browser_secret, state=said["state"], code=said["code"],
            issuer=said["iss"], error=said["error"], device=device,
        )  # fmt: skip
        return ended

    async def account(self, rpc: str, incoming: Incoming, given: dict[str, str], *, told_address: bool) -> Any:
        """The reply of one of Accounts, as JSON; `given` by JSON names."""
        fields = {snake_case(name): value for name, value in given.items()}
        if told_address:
            fields["client_address"] = incoming.address
        return await self._backend.rpc(ACCOUNTS + rpc)(incoming, SIGN_IN_SECONDS, **fields)

    async def second_factor(self, rpc: str, incoming: Incoming, **given: str) -> Any:
        """The reply of one of SecondFactors, as JSON."""
        return await self._backend.rpc(SECOND_FACTORS + rpc)(incoming, SIGN_IN_SECONDS, **given)

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


def snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def moment(stamp: str) -> float:
    """Seconds since 1970; 0 where there is no moment."""
    return datetime.fromisoformat(stamp).timestamp() if stamp else 0.0


def seconds_until(stamp: str) -> int:
    return max(0, int(moment(stamp) - datetime.now(UTC).timestamp()))
