"""From where a call came (ID-14): who is believed when they say that it was somebody else."""

import pytest

from chassis.access.origin import LOOPBACK, networks_in, origin_of


@pytest.mark.parametrize(
    ("peer", "told", "believed", "address"),
    [
        ("ipv4:203.0.113.9:5432", [], "127.0.0.0/8", "203.0.113.9"),
        ("ipv6:%5B2001:db8::7%5D:5432", [], "127.0.0.0/8", "2001:db8::7"),
        ("ipv4:127.0.0.1:5432", ["198.51.100.4"], "127.0.0.0/8", "198.51.100.4"),
        ("ipv6:%5B::1%5D:5432", ["198.51.100.4"], "127.0.0.0/8,::1/128", "198.51.100.4"),
        ("ipv4:10.4.2.2:5432", ["198.51.100.4"], "10.4.0.0/16", "198.51.100.4"),
        ("ipv4:203.0.113.9:5432", ["198.51.100.4"], "127.0.0.0/8", "203.0.113.9"),
        ("ipv4:127.0.0.1:5432", ["198.51.100.4", "10.0.0.1"], "127.0.0.0/8", "127.0.0.1"),
        ("ipv4:127.0.0.1:5432", ["x" * 200], "127.0.0.0/8", "x" * 64),
        ("unix:", [], "127.0.0.0/8", ""),
        ("", ["198.51.100.4"], "127.0.0.0/8", ""),
    ],
)
def test_only_our_own_gateway_is_believed(peer: str, told: list[str], believed: str, address: str) -> None:
    metadata = [("x-forwarded-for", one) for one in told]
    assert origin_of(peer, metadata, networks_in(believed)).address == address


def test_unless_told_otherwise_the_gateway_is_on_this_machine() -> None:
    assert origin_of("ipv4:127.9.9.9:1", [("x-forwarded-for", "192.0.2.1")], LOOPBACK).address == "192.0.2.1"
