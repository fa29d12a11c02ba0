"""Rooms where a session shows a second factor: it goes on under another secret, so the cookie changes."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import unauthenticated
from gateway.session.cookie import DEVICE, Cookie
from gateway.session.identity import Identity, moment, seconds_until
from gateway.session.kept import KeptTokens
from gateway.session.proof import Proof
from gateway.session.texts import texts_of

TOKENS = ("accessToken", "accessTokenExpireTime", "refreshToken")


class SecondFactorRooms:
    def __init__(self, identity: Identity, tokens: KeptTokens, proof: Proof, cookie: Cookie, limits: Limits) -> None:
        self._identity, self._tokens, self._proof, self._cookie = identity, tokens, proof, cookie
        self._limits, self._device = limits, Cookie(cookie.secure, DEVICE)

    async def verify(self, request: Request) -> Response:
        """POST /v1/session:verifyMfa."""
        incoming = await self._known(request)
        given = await texts_of(request, ("code",), ("deviceToken",))
        known_by = self._device.read(incoming) or given["deviceToken"]
        whole = await self._identity.second_factor(
            "VerifyMfa", incoming, code=given["code"], client_address=incoming.address, device_token=known_by
        )
        return self._gone_on(incoming, whole["session"], {})

    async def confirm(self, request: Request) -> Response:
        """POST /v1/session:confirmMfa. The recovery codes are told once."""
        incoming = await self._known(request)
        given = await texts_of(request, ("code",))
        whole = await self._identity.second_factor("ConfirmMfa", incoming, code=given["code"])
        return self._gone_on(incoming, whole["session"], {"recoveryCodes": whole["recoveryCodes"]})

    async def _known(self, request: Request) -> Incoming:
        incoming: Incoming = request.scope["kith"]
        self._limits.attempt(incoming)
        if not incoming.token:
            raise unauthenticated("nobody is signed in")
        return incoming

    def _gone_on(self, incoming: Incoming, session: dict[str, Any], reply: dict[str, Any]) -> Response:
        """A browser gets another cookie, a program other tokens."""
        token, secret = session["accessToken"], session["sessionSecret"]
        if not incoming.secret:
            return _json(reply | {name: session[name] for name in TOKENS})
        self._tokens.forget(incoming.secret)
        self._tokens.keep(secret, token, moment(session["accessTokenExpireTime"]))
        seconds = seconds_until(session["sessionExpireTime"])
        return _json(
            reply | {"csrfToken": self._proof.token(secret)}, {"set-cookie": self._cookie.set(secret, seconds)}
        )


def _json(reply: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(reply), 200, headers, "application/json")
