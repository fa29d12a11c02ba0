"""Rooms for who got a link by mail, or asks for one: nobody is signed in there, and nobody becomes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.session.identity import Identity
from gateway.session.proof import Proof
from gateway.session.texts import texts_of


@dataclass(frozen=True)
class Act:
    """One rpc of identity's Accounts, asked with what the body says."""

    path: str
    rpc: str
    needed: tuple[str, ...]
    public: str
    optional: tuple[str, ...] = ()
    from_where: bool = False  # whether identity is told the address


LINK = "the link in the mail is the credential"
ACTS = (
    Act("/v1/session:acceptInvitation", "AcceptInvitation", ("token", "password"), LINK, ("displayName",)),
    Act("/v1/session:requestPasswordReset", "RequestPasswordReset", ("email",), "tells and changes nothing", (), True),
    Act("/v1/session:resetPassword", "ResetPassword", ("token", "password"), LINK),
    Act("/v1/session:confirmEmailChange", "ConfirmEmailChange", ("token",), LINK),
)


class AccountRooms:
    def __init__(self, identity: Identity, proof: Proof, limits: Limits) -> None:
        self._identity, self._proof, self._limits = identity, proof, limits

    def room(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            incoming: Incoming = request.scope["kith"]
            self._proof.refuse_foreign(incoming)
            self._limits.attempt(incoming)
            given = await texts_of(request, act.needed, act.optional)
            incoming.token = ""
            reply = await self._identity.account(act.rpc, incoming, given, told_address=act.from_where)
            return Response(orjson.dumps(reply), 200, media_type="application/json")

        return endpoint
