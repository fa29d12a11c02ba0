"""From where a call came: the address of whoever called, as far as those between us and them are believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import unquote

from chassis.access.caller import Caller

FORWARDED = "x-forwarded-for"  # what the gateway says of whom it speaks for
Networks: TypeAlias = "tuple[IPv4Network | IPv6Network, ...]"
LONGEST = 64


def networks_in(text: str) -> Networks:
    """Of a list with commas. Raises ValueError."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


LOOPBACK = networks_in("127.0.0.0/8,::1/128")


@dataclass(frozen=True, slots=True)
class Origin:
    """Read when something is written down; a call that only reads does not pay for it."""

    peer: str = ""  # as gRPC writes it: `ipv4:127.0.0.1:5432`, `ipv6:%5B::1%5D:5432`
    told: str = ""
    believed: Networks = LOOPBACK

    @property
    def address(self) -> str:
        """Of the caller; "" for work that nobody called for. What a stranger says of themselves is not believed."""
        host = unquote(self.peer).partition(":")[2].rpartition(":")[0].strip("[]")
        return self.told[:LONGEST] if self.told and _is_in(host, self.believed) else host


@lru_cache(maxsize=1024)
def _is_in(host: str, networks: Networks) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def origin_of(peer: str, metadata: Iterable[tuple[str, str | bytes]], believed: Networks) -> Origin:
    """What the first of several headers says counts for nothing: our gateway sends one."""
    told = [str(value) for name, value in metadata if name == FORWARDED]
    return Origin(peer, told[0] if len(told) == 1 else "", believed)


NOWHERE = Origin()


def told_of(caller: Caller, origin: Origin, traceparent: str) -> dict[str, str]:
    """What each event says of the call it came from, beside what happened."""
    told = {"traceparent": traceparent} if traceparent else {}
    if caller.session_id:
        told["ce_credential"] = f"sessions/{caller.session_id}"
    if origin.peer:
        told["ce_address"] = origin.address
    return told
