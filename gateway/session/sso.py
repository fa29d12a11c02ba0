"""/v1/session/sso: in by an identity provider of the tenant, as a browser goes there and comes back."""

import orjson
from google.rpc.code_pb2 import Code
from starlette.requests import Request
from starlette.responses import Response

from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import Problem, invalid, required, unauthenticated
from gateway.session.cookie import Cookie
from gateway.session.identity import Identity, seconds_until
from gateway.session.kept import KeptTokens


class SsoRooms:
    """`kept` is the cookie by which a browser shows, when it comes back, that it was the one that went."""

    def __init__(self, identity: Identity, tokens: KeptTokens, cookie: Cookie, kept: Cookie, limits: Limits) -> None:
        self._identity, self._tokens, self._cookie, self._kept, self._limits = identity, tokens, cookie, kept, limits

    async def begin(self, request: Request) -> Response:
        """GET /v1/session/sso/{provider}: to the provider's page, and afterwards to `?return=`, a path of ours."""
        incoming: Incoming = request.scope["kith"]
        self._limits.unknown(incoming)
        incoming.token = ""
        provider, after = request.path_params["provider"], request.query_params.get("return", "")
        begun = await self._identity.start_sso(incoming, provider, after)
        return _to(begun["authorizationUrl"], self._kept_for(begun))

    async def link(self, request: Request) -> Response:
        """POST /v1/session/sso/{provider}:link, by whoever is signed in: where to send the browser to consent there."""
        incoming: Incoming = request.scope["kith"]
        await self._limits.admit(incoming)
        if not incoming.token:
            raise unauthenticated("nobody is signed in")
        provider, after = request.path_params["provider"], request.query_params.get("return", "")
        begun = await self._identity.link_identity(incoming, provider, after)
        body = orjson.dumps({"authorizationUrl": begun["authorizationUrl"]})
        return Response(body, 200, {"set-cookie": self._kept_for(begun)}, "application/json")

    async def callback(self, request: Request) -> Response:
        """GET /v1/session/sso/callback, where the provider sends the browser back to; once, whatever it answers."""
        incoming: Incoming = request.scope["kith"]
        self._limits.unknown(incoming)
        incoming.token = ""
        said = {name: request.query_params.get(name, "") for name in ("state", "code", "iss", "error")}
        if not said["state"]:
            raise invalid([required("state")])
        secret = self._kept.read(incoming)
        if request.method == "HEAD" or not secret:
            raise Problem(Code.UNAUTHENTICATED, "SSO_STATE_INVALID", "this sign-in was not begun here", domain=IDENTITY)
        try:
            ended = await self._identity.complete_sso(incoming, secret, said)
        except Problem as problem:
            problem.headers["set-cookie"] = self._kept.clear()
            raise
        response = _to(ended["returnPath"], self._kept.clear())
        if signed := ended.get("signedIn"):
            seconds = seconds_until(signed.get("sessionExpireTime", ""))
            response.headers.append("set-cookie", self._cookie.set(signed["sessionSecret"], seconds))
        return response

    def _kept_for(self, begun: dict[str, str]) -> str:
        return self._kept.set(begun["browserSecret"], seconds_until(begun["expireTime"]))


IDENTITY = "identity.kith"


def _to(place: str, cookie: str) -> Response:
    return Response(b"", 303, {"location": place, "set-cookie": cookie})
