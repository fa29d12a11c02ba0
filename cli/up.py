"""`kith up`: everything there and running, in as many steps as are missing; a second time, in none."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from chassis.config import PORTS, SERVICES
from chassis.database.binaries import NoDatabase
from chassis.database.embedded import cluster_in, fault_in, free_port, is_free
from cli import databases, provision
from cli.health import SERVING, health_of
from cli.home import ROOT, SOURCES, Home, Trouble
from cli.suite import POSTGRES, Process, Suite, variable_of_port
from cli.supervisor import LOCK, STATE, WANTED

START_SECONDS, STOP_SECONDS = 60.0, 90.0
LEFTOVER_SECONDS = 20.0  # what a killed supervisor leaves behind is on its way out
Say = Callable[[str], None]


def up(home: Home, say: Say) -> bool:
    """Start what does not run; whether anything changed. Raises Trouble, one sentence."""
    home.make()
    with home.alone("up.lock") as alone:
        if not alone:
            raise Trouble(f"Another `kith up` or `kith down` is at work in {home.folder}.")
        return _up(home, Suite(home, home.secrets()), say)


def _up(home: Home, suite: Suite, say: Say) -> bool:
    before = time.time()
    _refuse_taken_ports(home, suite)
    server = suite.environ.get("KITH_DATABASE_URL", "").rstrip("/")
    if server and not server.startswith(("postgresql://", "postgres://")):
        raise Trouble("KITH_DATABASE_URL is no postgresql://user:password@host:port.", 78)
    own = [] if server else [_postgres(home, suite)]
    kept = [Process(**one) for one in home.read(WANTED).get("processes", [])] if running(home) else []
    _want(home, _merged(own, kept))
    if own:
        server = _served(home, suite, own[0])
    changed = asyncio.run(databases.provision(suite, server, say))
    _want(home, [*own, *suite.processes(server)])
    _await_serving(home, suite)
    demo = home.read("demo.json")
    wanted = {"url": suite.url, "grpc": {name: f"127.0.0.1:{suite.port(name)}" for name in SERVICES}}
    if not demo:
        key, password = suite.secrets["platform_key"], suite.secrets["demo_password"]
        made = provision.provision(wanted["grpc"]["identity"], key, password)  # type: ignore[index]  # two kinds of value
        demo = {"tenant": made.tenant, "email": made.email, "password": made.password, "api_key": made.api_key}
    if demo | wanted != home.read("demo.json"):
        home.write(
            "demo.json", wanted | {name: demo[name] for name in ("tenant", "email", "password", "api_key")} | wanted
        )
        changed = True
    return changed or any(about["since"] >= before for about in home.read(STATE)["processes"].values())


def down(home: Home) -> bool:
    """Stop everything; whether anything ran. Raises Trouble if it does not stop."""
    if not home.folder.exists():
        return False
    with home.alone("up.lock") as alone:
        if not alone:
            raise Trouble(f"Another `kith up` or `kith down` is at work in {home.folder}.")
        pid = running(home)
        if not pid:
            return False
        os.kill(pid, signal.SIGTERM)
        _until(lambda: not running(home), STOP_SECONDS, f"The supervisor (process {pid}) does not stop.")
        return True


def restart(home: Home, names: Iterable[str]) -> None:
    """End processes; the supervisor starts them anew. Raises Trouble for one that does not run."""
    processes = home.read(STATE).get("processes", {}) if running(home) else {}
    for name in names:
        if not processes.get(name, {}).get("pid"):
            raise Trouble(f"{name} does not run.")
        os.kill(processes[name]["pid"], signal.SIGINT if name == POSTGRES else signal.SIGTERM)


def running(home: Home) -> int:
    """The supervisor's process; 0 if none runs."""
    with _unheld(home) as free:
        return 0 if free else int(home.read(STATE).get("pid", -1))


@contextmanager
def _unheld(home: Home) -> Any:
    if not home.folder.exists():
        yield True
        return
    with home.alone(LOCK) as free:
        yield free


def _postgres(home: Home, suite: Suite) -> Process:
    """Our own PostgreSQL, its data made now if there is none; its port is kept as long as nobody else takes it."""
    running_there = home.read(STATE).get("processes", {}).get(POSTGRES, {}) if running(home) else {}
    chosen = suite.environ.get("KITH_POSTGRES_PORT", "")
    port = int(chosen or running_there.get("port") or home.read("postgres.json").get("port") or 0)
    if not running_there.get("pid") and (not port or not is_free(port)):
        if chosen:
            raise Trouble(f"Port {port} (PostgreSQL) is in use{_by_whom(port)}; set KITH_POSTGRES_PORT to another.")
        port = free_port()
    home.write("postgres.json", {"port": port})
    try:
        cluster = cluster_in(home.postgres, suite.secrets[POSTGRES])
    except NoDatabase as error:
        raise Trouble(str(error)) from None
    environ = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    return Process(POSTGRES, cluster.argv(port), environ, port, str(cluster.binaries.major), unprivileged=True)


def _served(home: Home, suite: Suite, process: Process) -> str:
    """Wait until it takes connections; its superuser's URL."""
    url = f"postgresql://postgres:{suite.secrets[POSTGRES]}@127.0.0.1:{process.port}"

    def ready() -> bool:
        about = home.read(STATE).get("processes", {}).get(POSTGRES, {})
        if about.get("restarts", 0) >= 2 and not about.get("pid"):
            raise Trouble(f"PostgreSQL does not start: {fault_in(_tail(home, POSTGRES), process.port)}.")
        return bool(about.get("pid")) and asyncio.run(databases.answers(f"{url}/postgres"))

    _until(ready, START_SECONDS, f"PostgreSQL is not ready; see {home.logs / 'postgres.log'}.")
    return url


def _want(home: Home, processes: list[Process]) -> None:
    """Have the supervisor run just these; it is started if it does not run. Nothing happens if it does already."""
    wanted = {"processes": [process.as_json() for process in processes]}
    pid = running(home)
    if pid and home.read(WANTED) == wanted:
        return
    home.write(WANTED, wanted)
    if pid:
        os.kill(pid, signal.SIGHUP)
    else:
        with (home.logs / "supervisor.log").open("ab") as log:
            subprocess.Popen(
                [sys.executable, "-m", "cli.supervisor", str(home.folder)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": ":".join(map(str, SOURCES))},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    names = {process.name: process.version for process in processes}
    _until(
        lambda: {name: one["version"] for name, one in home.read(STATE).get("processes", {}).items()} == names,
        START_SECONDS,
        f"The supervisor does not start; see {home.logs / 'supervisor.log'}.",
    )


def _merged(own: list[Process], kept: list[Process]) -> list[Process]:
    """What runs goes on while databases are looked after."""
    return [*own, *(process for process in kept if process.name != POSTGRES)]


def _await_serving(home: Home, suite: Suite) -> None:
    waiting = list(PORTS)
    restarts = {name: one["restarts"] for name, one in home.read(STATE).get("processes", {}).items()}

    def serving() -> bool:
        about = home.read(STATE).get("processes", {})
        for name in list(waiting):
            if about.get(name, {}).get("restarts", 0) - restarts.get(name, 0) >= 3:
                raise Trouble(f"{name} does not start: {_last_words(home, name)}; see {home.logs / name}.log.")
            if health_of(name, f"127.0.0.1:{suite.port(name)}") == SERVING:
                waiting.remove(name)
        return not waiting

    _until(serving, START_SECONDS, lambda: f"Not serving yet: {', '.join(waiting)}; see {home.logs}.")


def _refuse_taken_ports(home: Home, suite: Suite) -> None:
    """Raises Trouble naming the first port that somebody else has."""
    about = home.read(STATE).get("processes", {})
    if running(home):
        ours = {one["port"] for one in about.values() if one["pid"]}
    else:
        ours = set()
        leftovers = [one["pid"] for one in about.values() if one["pid"]]
        _until(
            lambda: not any(_is_ours(pid) for pid in leftovers),
            LEFTOVER_SECONDS,
            "Processes of a supervisor that was killed still run; stop them first.",
        )
    taken = {}
    for name in PORTS:
        port = suite.port(name)
        if port in taken:
            raise Trouble(f"{name} and {taken[port]} are both given port {port}.", 78)
        taken[port] = name
        try:
            free = port in ours or is_free(port)
        except PermissionError:
            raise Trouble(f"Port {port} ({name}) needs root; set {variable_of_port(name)} above 1023.") from None
        if not free:
            raise Trouble(f"Port {port} ({name}) is in use{_by_whom(port)}; set {variable_of_port(name)} to another.")


def _is_ours(pid: int) -> bool:
    """Whether a process we started is still there, and not another by its number."""
    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return "serve" in words[-1:] or any("postgres" in word for word in words[:1])


def _by_whom(port: int) -> str:
    """Who listens there, if we may know."""
    try:
        found = [one.pid for one in psutil.net_connections("tcp") if one.laddr and one.laddr.port == port and one.pid]
        return f" by {psutil.Process(found[0]).name()} (process {found[0]})" if found else ""
    except psutil.Error:
        return ""


def _until(done: Callable[[], bool], seconds: float, otherwise: str | Callable[[], str]) -> None:
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise Trouble(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(0.05)


def _tail(home: Home, name: str) -> str:
    file: Path = home.logs / f"{name}.log"
    return file.read_bytes()[-8000:].decode(errors="replace") if file.exists() else ""


def _last_words(home: Home, name: str) -> str:
    lines = [line for line in _tail(home, name).splitlines() if line.strip()]
    return lines[-1].strip().rstrip(".")[:300] if lines else "it said nothing"
