"""The fault proxy does to connections what it is told, and mends them again (the rig of R04, R06 and R12)."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.e2e.suite import until
from tests.faults.proxy import DOWN, HALF_OPEN, UP, Fault, Proxy

PATIENCE_SECONDS = 10.0
SHORT_SECONDS = 0.3  # in which an answer would long have come


@pytest.fixture
def heard() -> list[bytes]:
    """What the server was sent."""
    return []


@pytest.fixture
def proxy(heard: list[bytes]) -> Iterator[Proxy]:
    """In front of a server that says everything again."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_echo, args=(listening, heard), daemon=True).start()
        made = Proxy(listening.getsockname()[1])
        yield made
        made.close()
        listening.shutdown(socket.SHUT_RDWR)


def _echo(listening: socket.socket, heard: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=_answer, args=(connection, heard), daemon=True).start()


def _answer(connection: socket.socket, heard: list[bytes]) -> None:
    with connection, contextlib.suppress(OSError):
        while said := connection.recv(65536):
            heard.append(said)
            connection.sendall(said)


def connected(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), PATIENCE_SECONDS)


def ask(client: socket.socket, said: bytes = b"hello") -> bytes:
    client.sendall(said)
    found = b""
    while len(found) < len(said) and (more := client.recv(65536)):
        found += more
    return found


def hears_nothing(client: socket.socket) -> bool:
    client.settimeout(SHORT_SECONDS)
    try:
        return not client.recv(1)
    except TimeoutError:
        client.settimeout(PATIENCE_SECONDS)
        return True


def test_what_is_healthy_passes_unchanged_to_the_end(proxy: Proxy) -> None:
    much = bytes(range(256)) * 8192  # more than fits into any buffer on the way
    with connected(proxy) as client:
        sending = threading.Thread(target=client.sendall, args=(much,))
        sending.start()
        found = b""
        while len(found) < len(much):
            found += client.recv(65536)
        sending.join()
        assert found == much
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    until(lambda: proxy.connections == 0, PATIENCE_SECONDS)


def test_latency_and_stalls_take_their_time_and_lose_nothing(proxy: Proxy) -> None:
    with connected(proxy) as client:
        for fault, least in ((Fault(latency_seconds=0.15), 0.3), (Fault(stalled_share=1.0), 0.4)):
            proxy.suffer(fault)
            began = time.monotonic()
            assert ask(client) == b"hello"
            assert time.monotonic() - began >= least
        proxy.heal()
        assert ask(client) == b"hello"


def test_a_narrow_way_lets_so_many_bytes_pass_a_second(proxy: Proxy) -> None:
    proxy.suffer(Fault(bytes_per_second=1000))
    with connected(proxy) as client:
        began = time.monotonic()
        assert ask(client, b"x" * 500) == b"x" * 500
        assert time.monotonic() - began >= 0.4


def test_a_half_open_peer_takes_connections_and_never_answers(proxy: Proxy, heard: list[bytes]) -> None:
    with connected(proxy) as before:
        assert ask(before) == b"hello"
        proxy.suffer(HALF_OPEN)
        with connected(proxy) as after:
            for client in (before, after):
                client.sendall(b"are you there?")
                assert hears_nothing(client)
            proxy.heal()
            assert hears_nothing(before)  # nobody tells who only waits
            for client in (before, after):
                with pytest.raises(ConnectionError):
                    ask(client)
    with connected(proxy) as anew:
        assert ask(anew) == b"hello"
    assert b"are you there?" not in heard


@pytest.mark.parametrize(("way", "arrives"), [(UP, False), (DOWN, True)])
def test_one_way_is_cut_and_the_other_is_not(proxy: Proxy, heard: list[bytes], way: str, arrives: bool) -> None:
    with connected(proxy) as client:
        assert ask(client) == b"hello"
        proxy.suffer(Fault(lost=frozenset({way})))
        client.sendall(b"one way")
        assert hears_nothing(client)
        assert (b"one way" in heard) is arrives


def test_a_reset_ends_what_is_open_and_nothing_else(proxy: Proxy) -> None:
    with connected(proxy) as client:
        assert ask(client) == b"hello"
        proxy.reset()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with connected(proxy) as anew:
        assert ask(anew) == b"hello"


def test_who_refuses_is_not_there_until_it_is_mended(proxy: Proxy) -> None:
    with connected(proxy) as client:
        assert ask(client) == b"hello"
        proxy.suffer(Fault(refuses=True))
        with pytest.raises(ConnectionResetError):
            client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connected(proxy)
    proxy.heal()
    with connected(proxy) as anew:
        assert ask(anew) == b"hello"
