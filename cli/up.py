"""`kith up`: everything there and running, in as many steps as are missing; a second time, in none."""

import asyncio
import os
import time
from collections.abc import Callable

from chassis.config import PORTS, SERVICES
from chassis.database.binaries import NoDatabase
from chassis.database.embedded import cluster_in, fault_in, free_port, is_free
from cli import control, databases, provision, topic_commands
from cli.control import START_SECONDS, state_of, until
from cli.generated import secrets_of
from cli.health import SERVING, health_of
from cli.home import Home, Trouble
from cli.ports import by_whom, refuse_taken_ports
from cli.process import POSTGRES, Process
from cli.suite import Suite, server_of

Say = Callable[[str], None]


def up(home: Home, say: Say) -> bool:
    """Start what does not run; whether anything changed. Raises Trouble, one sentence."""
    home.make()
    with control.only_command(home):
        began, suite = time.time(), Suite(home, secrets_of(home))
        refuse_taken_ports(home, suite)
        own, server = _database(home, suite)
        changed = asyncio.run(databases.provision(suite, server, say))
        if suite.environ.get("KITH_EVENTS", "postgres") != "postgres":
            changed |= topic_commands.applied(suite.environ)
        control.want(home, [*own, *suite.processes(server)])
        _await_serving(home, suite)
        changed |= _demo(home, suite)
        return changed or any(about["since"] >= began for about in state_of(home).values())


def _database(home: Home, suite: Suite) -> tuple[list[Process], str]:
    """A server that takes connections, and the process it is, where it is ours. What else runs goes on meanwhile."""
    if suite.environ.get("KITH_DATABASE_URL"):
        return [], server_of(suite)
    own = _postgres(home, suite)
    control.want(home, [own, *(process for process in control.wanted(home) if process.name != POSTGRES)])
    server = server_of(suite)

    def ready() -> bool:
        about = state_of(home).get(POSTGRES, {})
        if about.get("restarts", 0) >= 2 and not about["pid"]:
            raise Trouble(f"PostgreSQL does not start: {fault_in(control.tail(home, POSTGRES), own.port)}.")
        return bool(about.get("pid")) and asyncio.run(databases.answers(f"{server}/postgres"))

    until(ready, START_SECONDS, f"PostgreSQL is not ready; see {home.logs / 'postgres.log'}.")
    return [own], server


def _postgres(home: Home, suite: Suite) -> Process:
    """Our own, its data made now if there is none; its port is kept as long as nobody else takes it."""
    there = state_of(home).get(POSTGRES, {}) if control.running(home) else {}
    chosen = suite.environ.get("KITH_POSTGRES_PORT", "")
    if chosen and not chosen.isdecimal():
        raise Trouble(f"KITH_POSTGRES_PORT is {chosen!r}, which is no port.", 78)
    port = int(chosen or there.get("port") or home.read("postgres.json").get("port") or 0)
    if port != there.get("port") and (not port or not is_free(port)):
        if chosen:
            raise Trouble(f"Port {port} (PostgreSQL) is in use{by_whom(port)}; set KITH_POSTGRES_PORT to another.")
        port = free_port()
    if home.read("postgres.json").get("port") != port:
        home.write("postgres.json", {"port": port})
    try:
        cluster = cluster_in(home.postgres, suite.secrets[POSTGRES])
    except NoDatabase as error:
        raise Trouble(str(error)) from None
    environ = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    return Process(POSTGRES, cluster.argv(port), environ, port, str(cluster.binaries.major), unprivileged=True)


def _await_serving(home: Home, suite: Suite) -> None:
    waiting = list(PORTS)
    before = {name: about["restarts"] for name, about in state_of(home).items()}

    def serving() -> bool:
        about = state_of(home)
        for name in list(waiting):
            if about.get(name, {}).get("restarts", 0) - before.get(name, 0) >= 2:
                raise Trouble(_failing(home, name))
            if health_of(name, f"127.0.0.1:{suite.port(name)}") == SERVING:
                waiting.remove(name)
        return not waiting

    def late() -> str:
        failing = [name for name in waiting if state_of(home).get(name, {}).get("exit")]
        return _failing(home, failing[0]) if failing else f"Not serving yet: {', '.join(waiting)}; see {home.logs}."

    until(serving, START_SECONDS, late)


def _failing(home: Home, name: str) -> str:
    return f"{name} does not start: {control.last_words(home, name)}; see {home.logs / name}.log."


def _demo(home: Home, suite: Suite) -> bool:
    """The tenant `demo` and the file that says how to come in; whether the file changed."""
    known, grpc = home.read("demo.json"), {name: f"127.0.0.1:{suite.port(name)}" for name in SERVICES}
    if known and provision.opens(grpc["identity"], known["api_key"]):
        told = known | {"url": suite.url, "grpc": grpc}
    else:
        made = provision.provision(grpc["identity"], suite.secrets["platform_key"], suite.secrets["demo_password"])
        told = {"url": suite.url, **made, "grpc": grpc}
    if told == known:
        return False
    home.write("demo.json", told)
    return True
