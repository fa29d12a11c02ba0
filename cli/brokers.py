"""Real Kafka brokers on loopback, for development and tests: fetched by Maven, in KRaft mode.

Production has its own (docs/operator); these keep their data in one folder and forget nothing when they are killed.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.home import ROOT, Trouble

POM = ROOT / "deploy" / "kafka" / "pom.xml"
SETTINGS = ROOT / "deploy" / "kafka" / "server.properties"
CLUSTER_ID = "a2l0aC1vbi1sb29wYmFjaw"  # sixteen bytes, base64url, as Kafka wants it; there is one cluster a folder
FIRST_PORT = 9092
LISTENERS = "PLAINTEXT", "INSIDE", "CONTROLLER"  # for clients, for one another where clients come by proxies, for votes
START_SECONDS, STOP_SECONDS, RESOLVE_SECONDS = 90, 30, 600
MEMORY = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC")


@dataclass
class Broker:
    """One of them; `port` takes clients, `controller` the other brokers; clients are told to come to `advertised`."""

    node: int
    port: int
    controller: int
    advertised: int
    folder: Path
    settings: dict[str, str] = field(repr=False)
    _child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)  # where this process started it

    @property
    def pid(self) -> int | None:
        """None if it does not run, or somebody else has its number by now."""
        if self._child:
            return self._child.pid if self._child.poll() is None else None
        try:
            pid = int((self.folder / "pid").read_text(encoding="ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self._properties).encode() in command else None

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def start(self) -> None:
        """Begin to start it, in a session of its own, so that it outlives who started it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        told = SETTINGS.read_text(encoding="utf-8")
        told += "".join(f"{name}={value}\n" for name, value in self.settings.items())
        self._properties.write_text(told, encoding="utf-8")
        if not (self.folder / "data" / "meta.properties").exists():
            _java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._properties))
        with (self.folder / "log").open("ab") as out:
            command = java("kafka.Kafka", str(self._properties))
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        (self.folder / "pid").write_text(str(self._child.pid), encoding="ascii")

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """And wait until it is gone: cleanly, or with SIGKILL at once."""
        pid, until = self.pid, time.monotonic() + STOP_SECONDS
        if pid:
            os.kill(pid, how)
        while self.pid:
            if time.monotonic() > until:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)
        self._child = None

    def tail(self) -> str:
        """The last it said."""
        try:
            return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-5:])
        except FileNotFoundError:
            return ""


@dataclass
class Brokers:
    """A cluster of one, or three for drills: with three, each record is on all and acknowledged by two."""

    folder: Path
    members: list[Broker]

    @classmethod
    def of(cls, folder: Path, count: int = 1, ports: Sequence[int] = (), advertised: Sequence[int] = ()) -> "Brokers":
        """`ports` are two a broker; from 9092 on, if none are given.

        `advertised` are the ports of proxies in front of them, one a broker, which all clients then go through. The
        brokers do not: each has a port more to speak with the others.
        """
        each = 3 if advertised else 2
        ports = ports or range(FIRST_PORT, FIRST_PORT + each * count)
        numbers = range(1, count + 1)
        voters = ",".join(f"{node}@127.0.0.1:{ports[each * node - each + 1]}" for node in numbers)
        copies, enough = min(3, count), 2 if count > 2 else 1
        members = []
        for node in numbers:
            home, (port, controller, *more) = folder / str(node), ports[each * (node - 1) : each * node]
            shown = advertised[node - 1] if advertised else port
            inside = "".join(f",INSIDE://127.0.0.1:{one}" for one in more)
            settings = {
                "node.id": str(node),
                "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{inside}",
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{shown}{inside}",
                "controller.quorum.voters": voters,
                "log.dirs": str(home / "data"),
                "default.replication.factor": str(copies),
                "min.insync.replicas": str(enough),
                "offsets.topic.replication.factor": str(copies),
                "transaction.state.log.replication.factor": str(copies),
                "transaction.state.log.min.isr": str(enough),
            }
            if inside:
                settings["inter.broker.listener.name"] = "INSIDE"
                settings["listener.security.protocol.map"] = ",".join(f"{one}:PLAINTEXT" for one in LISTENERS)
            members.append(Broker(node, port, controller, shown, home, settings))
        return cls(folder, members)

    @property
    def servers(self) -> str:
        return ",".join(f"127.0.0.1:{broker.advertised}" for broker in self.members)

    @property
    def url(self) -> str:
        """For KITH_EVENTS."""
        return f"kafka://{self.servers}"

    def start(self) -> bool:
        """Until all take requests; whether one had to be started. Raises Trouble."""
        starting = [broker for broker in self.members if broker.pid is None]
        for broker in starting:
            for port in (broker.port, broker.controller):
                if _taken(port):
                    raise Trouble(f"Port {port} (Kafka) is in use by another program.")
        for broker in starting:
            broker.start()
        for broker in starting:
            self.await_ready(broker)
        return bool(starting)

    def await_ready(self, broker: Broker) -> None:
        """Raises Trouble with what it said last."""
        until = time.monotonic() + START_SECONDS
        while not _taken(broker.port):
            if broker.pid is None:
                raise Trouble(f"Kafka broker {broker.node} ended: {broker.tail()}")
            if time.monotonic() > until:
                raise Trouble(f"Kafka broker {broker.node} is not ready after {START_SECONDS} s: {broker.tail()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> bool:
        """Whether any ran."""
        running = [broker for broker in self.members if broker.pid]
        for broker in running:
            if pid := broker.pid:
                os.kill(pid, how)  # all at once: the last of three would wait for a quorum
        for broker in running:
            broker.end(how)
        return bool(running)

    def forget(self) -> None:
        """Everything that they held; they must be stopped."""
        for broker in self.members:
            shutil.rmtree(broker.folder, ignore_errors=True)


@contextmanager
def brokers(count: int = 1, advertised: Sequence[int] = ()) -> Iterator[Brokers]:
    """A cluster for as long as the block lasts, on free ports, its data thrown away afterwards."""
    with tempfile.TemporaryDirectory(prefix="kith-kafka-") as folder:
        cluster = Brokers.of(Path(folder), count, free_ports((3 if advertised else 2) * count), advertised)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop(signal.SIGKILL)


def free_ports(count: int) -> list[int]:
    """Below those that clients are given, so that none of them takes one in the meantime."""
    found: list[int] = []
    start = 20000 + os.getpid() % 10000
    for port in range(start, 32768):
        if not _taken(port):
            found.append(port)
        if len(found) == count:
            return found
    raise Trouble("There are no free ports.")


def available() -> bool:
    """Whether this machine can run a broker at all."""
    return bool(shutil.which("java")) and (_jars().is_dir() or bool(shutil.which("mvn")))


def java(main: str, *arguments: str) -> list[str]:
    """A command that runs a class of Kafka's. Raises Trouble where there is no Java, or no way to its packages."""
    runtime = shutil.which("java")
    if not runtime:
        raise Trouble("Kafka needs Java 17 or later; install a JDK, or use KITH_EVENTS=postgres.")
    return [
        runtime,
        *MEMORY,
        f"-Dlog4j2.configurationFile={POM.parent / 'log4j2.properties'}",
        "-cp",
        f"{resolved()}/*",
        main,
        *arguments,
    ]


def _java(main: str, *arguments: str) -> None:
    done = subprocess.run(java(main, *arguments), capture_output=True, text=True, timeout=START_SECONDS, check=False)
    if done.returncode:
        raise Trouble(f"{main} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def _jars() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kith" / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def resolved() -> Path:
    """The folder of Kafka's packages, fetched once. Raises Trouble."""
    jars = _jars()
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if not maven:
        raise Trouble("Kafka's packages come by Maven; install it, or use KITH_EVENTS=postgres.")
    jars.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jars.parent) as scratch:
        command = [
            maven,
            "-q",
            "-B",
            "-f",
            str(POM),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={scratch}/jars",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=RESOLVE_SECONDS, check=False)
        if done.returncode:
            raise Trouble(f"Maven could not fetch Kafka: {(done.stdout + done.stderr).strip()[-500:]}")
        try:
            (Path(scratch) / "jars").rename(jars)
        except OSError:  # somebody else was first
            if not jars.is_dir():
                raise
    return jars


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
