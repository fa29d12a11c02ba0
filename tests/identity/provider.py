"""An identity provider that is not ours: an HTTP server with keys of its own, honest until a test says otherwise."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "kith", "a secret: between/both"
Claims = dict[str, Any]


@dataclass
class Granted:
    """What a code was given for; it is redeemed once."""

    asked: dict[str, str]
    claims: Claims


@dataclass
class Provider:
    """`issuer` is where it listens. What it says of people, and each way it goes wrong, is set by the test."""

    port: int = 0
    person: Claims = field(default_factory=lambda: {"sub": "ann-1", "email": "ann@acme.example", "name": "Ann"})
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048))
    kid: str = "one"
    # What goes wrong.
    discovery: Claims = field(default_factory=dict)  # said instead
    claims: Claims = field(default_factory=dict)  # said instead; None: left out
    header: Claims = field(default_factory=dict)
    token: Callable[[Claims], str] | None = None  # makes the id_token instead
    forgets_pkce: bool = False
    names_itself: bool = True
    as_: str = ""  # `iss` of its answers instead
    status: int = 200  # of everything
    location: str = ""  # where everything redirects to
    answers: bytes = b""  # said by the token endpoint instead
    granted: dict[str, Granted] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths, in order

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def authorize(self, url: str, **changed: str | None) -> str:
        """What a person's browser does there: where it is sent back to. `changed` is what somebody in between does."""
        asked = dict(parse_qsl(urlsplit(url).query)) | {k: v for k, v in changed.items() if v is not None}
        asked = {name: value for name, value in asked.items() if name not in changed or changed[name] is not None}
        code = secrets.token_urlsafe(16)
        self.granted[code] = Granted(asked, {"email_verified": True, **self.person})
        back = {"code": code, "state": asked["state"]}
        if self.names_itself:
            back["iss"] = self.as_ or self.issuer
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def reply(self, method: str, path: str, headers: dict[str, str], body: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if self.status != 200:
            return self.status, b"{}"
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self._published() | self.discovery).encode()
        if path == "/keys":
            return 200, json.dumps(
                {"keys": [{**self.key.as_dict(private=False), "kid": self.kid, "use": "sig"}]}
            ).encode()
        if (method, path) == ("POST", "/token"):
            return self._redeemed(headers, {name: values[0] for name, values in parse_qs(body).items()})
        return 404, b"{}"

    def _published(self) -> Claims:
        doors = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return {
            "issuer": self.issuer,
            **{name: self.issuer + path for name, path in doors.items()},
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": self.names_itself,
        }

    def _redeemed(self, headers: dict[str, str], form: dict[str, str]) -> tuple[int, bytes]:
        known = base64.b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode().partition(":")
        if (unquote(known[0]), unquote(known[2])) != (CLIENT_ID, CLIENT_SECRET):
            return 401, b'{"error":"invalid_client"}'
        granted = self.granted.pop(form.get("code", ""), None)
        if (
            granted is None
            or form.get("redirect_uri") != granted.asked["redirect_uri"]
            or not self._proves(granted, form)
        ):
            return 400, b'{"error":"invalid_grant"}'
        if self.answers:
            return 200, self.answers
        access = secrets.token_urlsafe(16)
        return 200, json.dumps({"access_token": access, "id_token": self._id_token(granted, access)}).encode()

    def _proves(self, granted: Granted, form: dict[str, str]) -> bool:
        """RFC 9700, 2.1.1: a verifier without a challenge is as wrong as a challenge without its verifier."""
        if self.forgets_pkce:
            return True
        given = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        challenge = granted.asked.get("code_challenge")
        return granted.asked.get("code_challenge_method") == "S256" and given.decode().rstrip("=") == challenge

    def _id_token(self, granted: Granted, access: str) -> str:
        now = int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims: Claims = {
            "iss": self.issuer,
            "aud": granted.asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": granted.asked.get("nonce"),
            "at_hash": _text(half),
            **granted.claims,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.token(claims) if self.token else self.signed(claims)

    def signed(self, claims: Claims, key: Any = None, **header: Any) -> str:
        said = {"alg": "RS256", "kid": self.kid, **self.header, **header}
        return jws.serialize_compact(said, json.dumps(claims).encode(), key or self.key, algorithms=[said["alg"]])

    def with_hs256(self, claims: Claims) -> str:
        """Signed with what everybody knows: its public key as a secret."""
        parts = {"alg": "HS256", "kid": self.kid}, claims
        said = ".".join(_text(json.dumps(one).encode()) for one in parts)
        return f"{said}.{_text(hmac.digest(self.key.as_pem(private=False), said.encode(), hashlib.sha256))}"

    def with_client_secret(self, claims: Claims) -> str:
        secret = OctKey.import_key(CLIENT_SECRET.ljust(32))
        return jws.serialize_compact({"alg": "HS256", "kid": self.kid}, json.dumps(claims).encode(), secret, ["HS256"])

    def unsigned(self, claims: Claims) -> str:
        parts = {"alg": "none", "kid": self.kid}, claims
        return ".".join(_text(json.dumps(one).encode()) for one in parts) + "."

    def with_own_key(self, claims: Claims) -> str:
        """Brings the key it is to be verified with along."""
        key = RSAKey.generate_key(2048)
        return self.signed(claims, key, jwk=key.as_dict(private=False))

    def with_another_key(self, claims: Claims) -> str:
        return self.signed(claims, RSAKey.generate_key(2048))

    def with_ec(self, claims: Claims) -> str:
        return self.signed(claims, ECKey.generate_key("P-256"), alg="ES256")

    def said_twice(self, claims: Claims) -> str:
        raw = json.dumps(claims)[:-1] + ', "sub": "somebody-else"}'
        return jws.serialize_compact({"alg": "RS256", "kid": self.kid}, raw.encode(), self.key, ["RS256"])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[int]:
    """The port; who is served when the block ends is cut off, and nothing stays open."""
    tasks: set[asyncio.Task[Any] | None] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError, asyncio.CancelledError):
            await writer.wait_closed()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        under_way = [task for task in tasks if task and not task.done()]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def providing(**given: Any) -> AsyncIterator[Provider]:
    provider = Provider(**given)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        status, reply = provider.reply(method, path, headers, body)
        more = ""
        if provider.location:
            status, more = 302, f"location: {provider.location}\r\n"
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(reply)}\r\n{more}connection: close\r\n\r\n".encode())
        writer.write(reply)
        await writer.drain()

    async with listening(serve) as provider.port:
        yield provider
