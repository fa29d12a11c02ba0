"""Puts the session's access token where a program's own would be, before anything else looks at the request.

A request with an Authorization header is a program's and needs nothing of this.
"""

from collections.abc import Awaitable, Callable

from google.rpc.code_pb2 import Code
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.incoming import Incoming
from gateway.limits import Limits
from gateway.problems import Problem, unauthenticated
from gateway.session.accounts import ACTS
from gateway.session.cookie import Cookie
from gateway.session.kept import KeptTokens
from gateway.session.proof import Proof

SAFE = {"GET", "HEAD", "OPTIONS"}
DOORS_IN = {
    "/v1/session",
    "/v1/session:refresh",
    *(act.path for act in ACTS),
}  # an old cookie must not stand in their way
SSO = "/v1/session/sso/"  # nor in the way of a browser that goes to a provider, or comes back


class Rider:
    def __init__(self, app: ASGIApp, tokens: KeptTokens, proof: Proof, cookie: Cookie, limits: Limits) -> None:
        self._app, self._tokens, self._proof, self._cookie, self._limits = app, tokens, proof, cookie, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        incoming: Incoming = scope["kith"]
        token = incoming.bearer()
        if token is None:
            raise unauthenticated("Authorization must be a bearer token")
        incoming.token = token
        reads, path = scope["method"] in SAFE, scope["path"]
        enters = path.startswith(SSO) if reads else path in DOORS_IN and scope["method"] == "POST"
        if not token and path.startswith("/v1/") and not enters:
            incoming.secret = self._cookie.read(incoming)
        if not incoming.secret:
            await self._app(scope, receive, send)
            return
        if not reads:
            self._proof.refuse_unproven(incoming)
        incoming.token = await self._token(incoming)
        incoming.renew = self._renewing(incoming)
        try:
            await self._app(scope, receive, send)
        except Problem as problem:
            if problem.code == Code.UNAUTHENTICATED:
                self._tokens.forget(incoming.secret)
            raise

    def _renewing(self, incoming: Incoming) -> Callable[[str], Awaitable[None]]:
        async def renew(stale: str) -> None:
            if incoming.token == stale:
                incoming.token = await self._tokens.instead_of(stale, incoming, incoming.secret)

        return renew

    async def _token(self, incoming: Incoming) -> str:
        """Raises Problem; a session that has ended takes its cookie along, so that the browser can begin anew."""
        if kept := self._tokens.kept(incoming.secret):
            return kept
        self._limits.unknown(incoming)
        try:
            return await self._tokens.token(incoming, incoming.secret)
        except Problem as problem:
            if problem.code == Code.UNAUTHENTICATED:
                raise unauthenticated(problem.detail, {"set-cookie": self._cookie.clear()}) from None
            raise
