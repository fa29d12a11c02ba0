"""/v1/session: in, out, on, and who am I."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.codec.reader import Readers
from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import invalid, required, unauthenticated
from gateway.rpc.body import body_of
from gateway.session.cookie import Cookie
from gateway.session.identity import Identity, seconds_until
from gateway.session.kept import KeptTokens
from gateway.session.proof import Proof

LARGEST_BODY = 10_000


class SessionRooms:
    def __init__(self, identity: Identity, tokens: KeptTokens, proof: Proof, cookie: Cookie, limits: Limits) -> None:
        self._identity, self._tokens, self._proof, self._cookie = identity, tokens, proof, cookie
        self._limits, self._readers = limits, Readers()

    async def sign_in(self, request: Request) -> Response:
        """POST /v1/session. `?mode=token` is for programs: the tokens are in the reply too."""
        incoming: Incoming = request.scope["kith"]
        self._proof.refuse_foreign(incoming)
        self._limits.attempt(incoming)
        given = await self._texts(request, needed=("email", "password"), optional=("tenant",))
        incoming.token = ""
        found = await self._identity.sign_in(incoming, given["email"], given["password"], given["tenant"])
        secret = found.whole["sessionSecret"]
        self._tokens.keep(secret, found.access_token, found.until)
        reply = {"csrfToken": self._proof.token(secret)}
        if request.query_params.get("mode") == "token":
            reply |= _tokens(found.whole)
        seconds = seconds_until(found.whole.get("sessionExpireTime", ""))
        return _json(reply, {"set-cookie": self._cookie.set(secret, seconds)})

    async def refresh(self, request: Request) -> Response:
        """POST /v1/session:refresh, for programs. The token that was shown is spent."""
        incoming: Incoming = request.scope["kith"]
        self._proof.refuse_foreign(incoming)
        self._limits.attempt(incoming)
        given = await self._texts(request, needed=("refreshToken",))
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

    async def _texts(self, request: Request, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, str]:
        """The body's texts, "" for an optional one that is not there. Raises Problem naming each that is missing."""
        body = await body_of(request.scope["kith"], request.receive, LARGEST_BODY)
        given = self._readers.parse(body or b"{}")
        fields: dict[str, Any] = given if isinstance(given, dict) else {}
        wrong = [required(name) for name in needed if type(fields.get(name)) is not str or not fields[name]]
        wrong += [required(name) for name in optional if type(fields.get(name) or "") is not str]
        if wrong:
            raise invalid(wrong)
        return {name: fields.get(name) or "" for name in (*needed, *optional)}


def _tokens(whole: dict[str, Any]) -> dict[str, str]:
    return {
        "accessToken": whole["accessToken"],
        "accessTokenExpireTime": whole.get("accessTokenExpireTime", ""),
        "refreshToken": whole["refreshToken"],
    }


def _json(reply: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(reply), 200, headers, "application/json")
