"""Whether the ports of the suite are free, and who has them otherwise."""

import psutil

from chassis.config import PORTS
from chassis.database.embedded import is_free
from cli.control import running, state_of, until
from cli.home import Home, Trouble
from cli.suite import Suite, variable_of_port

LEFTOVER_SECONDS = 20.0  # what a killed supervisor leaves behind is on its way out


def refuse_taken_ports(home: Home, suite: Suite) -> None:
    """Raises Trouble naming the first port that somebody else has."""
    ours = _ours(home)
    given: dict[int, str] = {}
    for name in PORTS:
        port = suite.port(name)
        if port in given:
            raise Trouble(f"{name} and {given[port]} are both given port {port}.", 78)
        given[port] = name
        try:
            free = port in ours or is_free(port)
        except PermissionError:
            raise Trouble(f"Port {port} ({name}) needs root; set {variable_of_port(name)} above 1023.") from None
        if not free:
            raise Trouble(f"Port {port} ({name}) is in use{by_whom(port)}; set {variable_of_port(name)} to another.")


def by_whom(port: int) -> str:
    """Who listens there, if we may know: " by nginx (process 12)"."""
    try:
        found = [
            one.pid
            for one in psutil.net_connections("tcp")
            if one.pid and one.laddr and one.laddr.port == port and one.status == psutil.CONN_LISTEN
        ]
        return f" by {psutil.Process(found[0]).name()} (process {found[0]})" if found else ""
    except psutil.Error:
        return ""


def _ours(home: Home) -> set[int]:
    """The ports of processes that our supervisor runs; what a killed one left is waited for."""
    about = state_of(home)
    if running(home):
        return {one["port"] for one in about.values() if one["pid"]}
    left = [one["pid"] for one in about.values() if one["pid"]]
    until(
        lambda: not any(_is_left(pid) for pid in left),
        LEFTOVER_SECONDS,
        "Processes of a supervisor that was killed still run; stop them first.",
    )
    return set()


def _is_left(pid: int) -> bool:
    """Whether a process we started is still there, and not another one with its number."""
    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return words[-1:] == ["serve"] or any("postgres" in word for word in words[:1])
