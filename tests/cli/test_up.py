"""`kith up` and `kith down`: everything runs, the second time nothing changes, troubles are one sentence each."""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import Callable

import asyncpg
import psutil
import pytest

from chassis.config import PORTS
from cli import control
from cli.control import state_of
from cli.generated import secrets_of
from cli.health import SERVING, health_of
from cli.home import Home, Trouble
from cli.suite import OWNERS, Suite, server_of, variable_of_port
from cli.up import up


def quiet(line: str) -> None: ...


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    control.until(done, seconds, "did not happen in time")


def port_of(name: str) -> int:
    return int(os.environ[variable_of_port(name)])


def pids(home: Home) -> dict[str, int]:
    return {name: about["pid"] for name, about in state_of(home).items()}


def test_everything_runs_and_a_second_time_nothing_changes(standing: Home) -> None:
    home = standing
    for name in PORTS:
        assert health_of(name, f"127.0.0.1:{port_of(name)}") == SERVING
    demo, before = home.read("demo.json"), pids(home)
    assert demo["url"] == f"http://127.0.0.1:{port_of('gateway')}"
    assert set(demo) == {"url", "tenant", "email", "password", "api_key", "grpc"}
    assert demo["grpc"] == {name: f"127.0.0.1:{port_of(name)}" for name in PORTS if name != "gateway"}
    stamps = {file: file.stat().st_mtime_ns for file in home.folder.glob("*.json")}
    assert not up(home, quiet)
    assert pids(home) == before
    assert {file: file.stat().st_mtime_ns for file in home.folder.glob("*.json")} == stamps


def test_what_is_secret_is_for_its_owner_only(standing: Home) -> None:
    home = standing
    for name in ("secrets.json", "demo.json", "processes.json", "state.json"):
        assert stat.S_IMODE((home.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.logs.stat().st_mode) == 0o700
    (home.folder / "secrets.json").chmod(0o644)
    with pytest.raises(Trouble, match="chmod 600"):
        up(home, quiet)
    (home.folder / "secrets.json").chmod(0o600)


def test_each_role_enters_its_own_database_only(standing: Home) -> None:
    suite = Suite(standing, secrets_of(standing))

    async def enters(url: str) -> bool:
        try:
            connection = await asyncpg.connect(url)
        except asyncpg.InsufficientPrivilegeError:
            return False
        await connection.close()
        return True

    for name in OWNERS:
        for role in ("owner", "app", "worker"):
            own = suite.database_url(name, role, server_of(suite))
            other = own.replace(f"/kith_{name}", "/kith_sales" if name != "sales" else "/kith_identity")
            assert asyncio.run(enters(own))
            assert not asyncio.run(enters(other))


def test_an_answered_write_is_on_the_disk(lasting_home: Home) -> None:
    """R08: the settings a durable commit needs are those the server runs with."""
    up(lasting_home, quiet)

    async def settings() -> dict[str, str]:
        connection = await asyncpg.connect(server_of(Suite(lasting_home, secrets_of(lasting_home))) + "/postgres")
        names = ("fsync", "synchronous_commit", "full_page_writes", "password_encryption", "listen_addresses")
        found = {name: await connection.fetchval("select current_setting($1)", name) for name in names}
        await connection.close()
        return found

    assert asyncio.run(settings()) == {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "password_encryption": "scram-sha-256",
        "listen_addresses": "127.0.0.1",
    }


def test_down_stops_everything_and_up_finds_its_data_again(home: Home) -> None:
    up(home, quiet)
    port, running = home.read("postgres.json")["port"], pids(home)
    assert control.down(home)
    assert not control.running(home)
    assert not any(psutil.pid_exists(pid) for pid in running.values())
    assert not control.down(home)
    key = home.read("demo.json")["api_key"]
    assert up(home, quiet)
    assert home.read("postgres.json")["port"] == port
    assert home.read("demo.json")["api_key"] == key


@pytest.mark.parametrize("name", ["sales", "gateway", "postgres"])
def test_a_killed_process_is_started_anew(standing: Home, name: str) -> None:
    home, before = standing, pids(standing)
    os.kill(before[name], signal.SIGKILL)
    until(lambda: state_of(home)[name]["pid"] not in (None, before[name]))
    after = pids(home)
    assert {one for one in after if after[one] != before[one]} == {name}
    assert state_of(home)[name]["restarts"] == 1
    assert state_of(home)[name]["exit"] == -signal.SIGKILL
    if name in PORTS:
        until(lambda: health_of(name, f"127.0.0.1:{port_of(name)}") == SERVING)


def test_the_children_of_a_killed_supervisor_end_and_up_starts_again(home: Home) -> None:
    up(home, quiet)
    supervisor, children = control.running(home), pids(home)
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: not any(psutil.pid_exists(pid) for pid in children.values()))
    assert up(home, quiet)
    assert not set(pids(home).values()) & set(children.values())


def test_a_port_in_use_is_one_sentence_that_names_it(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port_of("sales")))
        taken.listen()
        with pytest.raises(Trouble) as trouble:
            up(home, quiet)
    said = str(trouble.value)
    assert said.startswith(f"Port {port_of('sales')} (sales) is in use by ")
    assert said.endswith("set KITH_SALES_PORT to another.")
    assert f"process {os.getpid()}" in said
    assert not control.running(home)


def test_two_processes_on_one_port_are_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_SALES_PORT", os.environ["KITH_CONTACTS_PORT"])
    with pytest.raises(Trouble, match="sales and contacts are both given port"):
        up(home, quiet)


@pytest.mark.parametrize("text", ["x", "0", "-1", "70000"])
def test_what_is_no_port_is_refused(home: Home, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KITH_PORT", text)
    with pytest.raises(Trouble, match=f"KITH_PORT is '{text}', which is no port"):
        up(home, quiet)


def test_a_service_that_does_not_start_is_told_with_its_last_words(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_STAND_IN_FAILS", "marketing")
    with pytest.raises(Trouble, match=r"marketing does not start: marketing has a fault of its own; see .*log\."):
        up(home, quiet)
    monkeypatch.delenv("KITH_STAND_IN_FAILS")
    assert up(home, quiet)  # and what was set up so far is taken up again


def test_a_taken_postgres_port_is_left_for_another_unless_it_was_asked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    up(home, quiet)
    port = home.read("postgres.json")["port"]
    control.down(home)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        monkeypatch.setenv("KITH_POSTGRES_PORT", str(port))
        with pytest.raises(Trouble, match=rf"Port {port} \(PostgreSQL\) is in use"):
            up(home, quiet)
        monkeypatch.delenv("KITH_POSTGRES_PORT")
        assert up(home, quiet)
        assert home.read("postgres.json")["port"] != port


def test_a_server_of_ones_own_is_used_as_it_is(home: Home, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    monkeypatch.setenv("KITH_DATABASE_URL", postgres_url)
    assert up(home, quiet)
    assert "postgres" not in state_of(home)
    assert not (home.folder / "postgres").exists()
    assert not up(home, quiet)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://a", "KITH_DATABASE_URL is no postgresql://"),
        ("postgresql://a:secret-password@127.0.0.1:1", "PostgreSQL at 127.0.0.1:1 cannot be used"),
    ],
)
def test_a_wrong_server_is_one_sentence_without_its_password(
    home: Home, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("KITH_DATABASE_URL", url)
    with pytest.raises(Trouble) as trouble:
        up(home, quiet)
    assert said in str(trouble.value)
    assert "secret-password" not in str(trouble.value)


def test_two_at_once_are_one(home: Home) -> None:
    home.make()
    with control.only_command(home), pytest.raises(Trouble, match="Another `kith up`"):
        up(home, quiet)


def test_logs_are_moved_aside_before_they_are_large(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli import supervisor

    monkeypatch.setattr(supervisor, "LARGEST_LOG", 100)
    home.make()
    log = supervisor.Log(home.logs / "one.log")
    for number in range(10):
        log.write(f"{number:060}\n".encode())
    log.close()
    files = sorted(file.name for file in home.logs.glob("one.log*"))
    assert files == ["one.log", "one.log.1", "one.log.2", "one.log.3"]
    assert all((home.logs / file).stat().st_size <= 100 for file in files)
