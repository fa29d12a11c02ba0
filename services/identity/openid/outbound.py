"""The way out to addresses that tenants name: never into our own network, never elsewhere than was looked at.

A name is resolved once, each address is looked at, and the connection goes to one that was (no second look-up that a
hostile name server could answer otherwise). Redirects are not followed, proxies of the environment are not used, and
what comes back is bounded in size and time.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpcore

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
SECONDS = 5.0  # of one exchange, looking up the name included
LARGEST_BYTES = 512 * 1024
# Beside what nobody but us could have: NAT64, behind which is an address we did not look at, and what only some
# releases of Python count among the reserved.
NEVER = (ip_network("64:ff9b::/96"), ip_network("192.0.0.0/24"))


class Unreachable(Exception):
    """Why nothing came back; said to nobody but our own log, since it tells of our network."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


@dataclass(frozen=True)
class Outbound:
    """`allowed` are networks it may go to though they are nobody's but ours, and there without TLS, too."""

    allowed: Sequence[Network] = ()

    async def get(self, url: str) -> Answer:
        """Raises Unreachable."""
        return await self._ask("GET", url, [], b"")

    async def post(self, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """Raises Unreachable."""
        return await self._ask("POST", url, headers, body)

    async def _ask(self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        backend = Pinned(self.allowed, inside_only=_scheme(url) == "http")
        given = [("accept", "application/json"), *headers]
        try:
            async with (
                asyncio.timeout(SECONDS),
                httpcore.AsyncConnectionPool(self._tls, network_backend=backend) as pool,
                pool.stream(method, url, headers=given, content=body) as response,
            ):
                return Answer(response.status, await _bounded(response))
        except TimeoutError:
            raise Unreachable("did not answer in time") from None
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
            ValueError,
        ) as error:
            raise Unreachable(repr(error)) from None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _scheme(url: str) -> str:
    """Raises Unreachable for what is no plain address of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Unreachable("is no address") from None
    if not url.isascii() or parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise Unreachable("is no plain https address")
    return parts.scheme


class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to addresses it has looked at."""

    def __init__(self, allowed: Sequence[Network], *, inside_only: bool) -> None:
        self._allowed, self._inside_only, self._plain = allowed, inside_only, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises Unreachable where none of its addresses is fit."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [
            address for *_, place in found if self._is_fit(address := ip_address(str(place[0]).partition("%")[0]))
        ]
        if not addresses:
            raise Unreachable("lives where we do not go")
        return await self._plain.connect_tcp(str(addresses[0]), port, timeout, local_address, socket_options)

    def _is_fit(self, address: Address) -> bool:
        if any(address in network for network in self._allowed):
            return True
        return not self._inside_only and is_public(address)


def is_public(address: Address) -> bool:
    """Whether it is somebody else's: an IPv6 address that stands for an IPv4 one is as public as that."""
    if isinstance(address, IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None,))[-1]
        if within is not None:
            return is_public(within)
    if any(address in network for network in NEVER):
        return False
    return address.is_global and not address.is_multicast


async def _bounded(response: httpcore.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_stream():
        body += part
        if len(body) > LARGEST_BYTES:
            raise Unreachable("sends too much")
    return bytes(body)
