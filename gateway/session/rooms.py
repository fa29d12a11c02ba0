"""/v1/session: in, out, on, and who am I."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import unauthenticated
from gateway.session.cookie import DEVICE, Cookie
from gateway.session.identity import Identity, seconds_until
from gateway.session.kept import KeptTokens
from gateway.session.proof import Proof
from gateway.session.texts import texts_of

DEVICE_SECONDS = 180 * 86_400  # since the last sign-in from there


class SessionRooms:
    def __init__(self, identity: Identity, tokens: KeptTokens, proof: Proof, cookie: Cookie, limits: Limits) -> None:
        self._identity, self._tokens, self._proof, self._cookie = identity, tokens, proof, cookie
        self._limits, self._device = limits, Cookie(cookie.secure, DEVICE)

    async def sign_in(self, request: Request) -> Response:
        """POST /v1/session. `?mode=token` is for programs: the tokens are in the reply too."""
        incoming: Incoming = request.scope["kith"]
        self._proof.refuse_foreign(incoming)
        self._limits.attempt(incoming)
        given = await texts_of(request, needed=("email", "password"), optional=("tenant", "deviceToken"))
        incoming.token = ""
        known_by = self._device.read(incoming) or given["deviceToken"]
        found = await self._identity.sign_in(incoming, given["email"], given["password"], given["tenant"], known_by)
        secret = found.whole["sessionSecret"]
        self._tokens.keep(secret, found.access_token, found.until)
        reply = {"csrfToken": self._proof.token(secret)}
        if request.query_params.get("mode") == "token":
            reply |= _tokens(found.whole) | {"deviceToken": found.whole["deviceToken"]}
        seconds = seconds_until(found.whole.get("sessionExpireTime", ""))
        response = _json(reply, {"set-cookie": self._cookie.set(secret, seconds)})
        response.headers.append("set-cookie", self._device.set(found.whole["deviceToken"], DEVICE_SECONDS))
        return response

    async def refresh(self, request: Request) -> Response:
        """POST /v1/session:refresh, for programs. The token that was shown is spent."""
        incoming: Incoming = request.scope["kith"]
        self._proof.refuse_foreign(incoming)
        self._limits.attempt(incoming)
        given = await texts_of(request, needed=("refreshToken",))
        incoming.token = ""
        found = await self._identity.refresh(incoming, given["refreshToken"])
        return _json(_tokens(found.whole))

    async def show(self, request: Request) -> Response:
        """GET /v1/session: who the caller is, and the CSRF token again for a page that was loaded anew."""
        incoming = await self._known(request)
        reply = await self._identity.who_am_i(incoming)
        if incoming.secret:
            reply["csrfToken"] = self._proof.token(incoming.secret)
        return _json(reply)

    async def sign_out(self, request: Request) -> Response:
        """DELETE /v1/session. Ended everywhere within five seconds."""
        incoming = await self._known(request)
        await self._identity.sign_out(incoming)
        self._tokens.forget(incoming.secret)
        return _json({}, {"set-cookie": self._cookie.clear()})

    async def _known(self, request: Request) -> Incoming:
        incoming: Incoming = request.scope["kith"]
        await self._limits.admit(incoming)
        if not incoming.token:
            raise unauthenticated("nobody is signed in")
        return incoming


def _tokens(whole: dict[str, Any]) -> dict[str, str]:
    return {
        "accessToken": whole["accessToken"],
        "accessTokenExpireTime": whole.get("accessTokenExpireTime", ""),
        "refreshToken": whole["refreshToken"],
    }


def _json(reply: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(reply), 200, headers, "application/json")
