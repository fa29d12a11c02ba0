"""Addresses that tenants name lead nowhere into our own network, and nowhere else than was looked at (S09)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest

from identity.openid import outbound
from identity.openid.outbound import Outbound, Unreachable, is_public
from tests.identity.provider import listening
from tests.identity.suite import INNER

LOOPBACK = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "0", "0.0.0.0", "localhost", "LOCALHOST",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]",
    "127.0.0.1.", "１２７.0.0.1",
)  # fmt: skip
NOT_PUBLIC = (
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.192", "198.18.0.1", "224.0.0.1",
    "240.0.0.1", "255.255.255.255", "0.0.0.0", "127.8.8.8", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
)  # fmt: skip


@dataclass
class Canary:
    """Sings when somebody comes."""

    port: int = 0
    visits: list[str] = field(default_factory=list)
    says: bytes = b"HTTP/1.1 200 x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits.append((await reader.readline()).decode())
        if not self.says:
            await asyncio.Event().wait()
        writer.write(self.says)
        await writer.drain()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    made = Canary()
    async with listening(made.serve) as made.port:
        yield made


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", LOOPBACK)
async def test_s09_no_way_of_writing_loopback_gets_there(canary: Canary, scheme: str, host: str) -> None:
    with pytest.raises(Unreachable):
        await Outbound().get(f"{scheme}://{host}:{canary.port}/")
    assert not canary.visits


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_s09_what_is_not_somebody_elses_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_what_is_somebody_elses_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http://me:secret@127.0.0.1/",
        "https://",
        "//x",
        "",
        "http://[::1",
        "a b",
    ],
)
async def test_s09_what_is_no_plain_address_goes_nowhere(url: str) -> None:
    with pytest.raises(Unreachable):
        await Outbound(INNER).get(url)


async def test_s09_a_name_is_looked_up_once_and_the_connection_goes_where_it_was_looked(
    canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers first an address of its own and then one of ours gains nothing."""
    loop, asked = asyncio.get_running_loop(), []
    plain = loop.getaddrinfo

    async def rebinding(host: Any, port: Any, **more: Any) -> Any:
        if host != "rebind.example":
            return await plain(host, port, **more)
        asked.append(host)
        where = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port))]

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    assert (await Outbound(INNER).get(f"http://rebind.example:{canary.port}/x")).status == 200
    assert (len(asked), len(canary.visits)) == (1, 1)
    with pytest.raises(Unreachable):
        await Outbound(INNER).get(f"http://rebind.example:{canary.port}/x")
    asked.clear()
    with pytest.raises(Unreachable):
        await Outbound().get(f"https://rebind.example:{canary.port}/x")
    assert len(canary.visits) == 1


async def test_s09_a_redirect_is_an_answer_and_not_a_way(canary: Canary) -> None:
    canary.says = f"HTTP/1.1 302 x\r\nlocation: http://127.0.0.1:{canary.port}/b\r\ncontent-length: 0\r\n\r\n".encode()
    assert (await Outbound(INNER).get(f"http://127.0.0.1:{canary.port}/a")).status == 302
    assert canary.visits == ["GET /a HTTP/1.1\r\n"]


async def test_s09_what_is_too_much_is_not_read(canary: Canary) -> None:
    canary.says = b"HTTP/1.1 200 x\r\nconnection: close\r\n\r\n" + b"x" * (outbound.LARGEST_BYTES + 1)
    with pytest.raises(Unreachable, match="too much"):
        await Outbound(INNER).get(f"http://127.0.0.1:{canary.port}/")


async def test_who_never_answers_is_not_waited_for(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.3)
    canary.says = b""
    with pytest.raises(Unreachable, match="in time"):
        await Outbound(INNER).get(f"http://127.0.0.1:{canary.port}/")


async def test_a_proxy_of_the_environment_is_not_asked(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with pytest.raises(Unreachable):
        await Outbound().get("http://127.0.0.1:1/")
    assert not canary.visits
