"""`python -m gateway serve`: the gateway as a process; `python -m gateway check`: whether it could start."""

import os
import sys

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings

from chassis.config import Misconfigured, load_or_exit
from gateway.config import Settings, addresses
from gateway.contract import Contract
from gateway.serving import DRAIN_SECONDS

CONFIGURATION = 78  # EX_CONFIG
HEAD_BYTES = 32_768  # of a request line and its headers


def main(arguments: list[str]) -> int:
    """The exit status. Blocks until SIGTERM or SIGINT, then lets what runs finish."""
    if arguments not in (["serve"], ["check"]):
        print("usage: python -m gateway serve|check", file=sys.stderr)  # noqa: T201  # a command speaks so
        return 2
    settings = load_or_exit(Settings, "gateway")
    try:
        check(settings)
    except Misconfigured as error:
        print(f"gateway cannot start: {error}.", file=sys.stderr)  # noqa: T201  # one clear sentence
        return CONFIGURATION
    if arguments == ["serve"]:
        serve(settings)
    return 0


def check(settings: Settings) -> None:
    """Raises Misconfigured where a worker would not start."""
    try:
        contract = Contract.read(settings.contract)
    except (OSError, TypeError) as error:
        raise Misconfigured(f"KITH_CONTRACT cannot be read: {error}") from None
    addresses(settings, contract.services(), os.environ)


def serve(settings: Settings) -> None:
    """Blocks."""
    Granian(
        "gateway.serving:application",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=settings.gateway_workers,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=HEAD_BYTES),
        log_enabled=False,  # ours are set up by the worker itself
        workers_kill_timeout=DRAIN_SECONDS,
    ).serve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
