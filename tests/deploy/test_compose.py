"""compose.yaml: every process is told what it needs, nothing that it does not read, and finds its databases."""

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from chassis.config import PORTS, SERVICES, MigrationSettings, load
from chassis.database.binaries import find_binaries
from chassis.database.migrate import migrations_of_events, status, upgrade
from chassis.database.walls import bootstrap_sql
from chassis.testing.postgres import postgres_server
from cli.databases import migrations_named
from cli.doctor import known_variables
from cli.settings import kind_of
from cli.suite import OWNERS

DEPLOY = Path(__file__).parents[2] / "deploy"
VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")


@pytest.fixture(scope="module")
def env() -> dict[str, str]:
    """What env.sh makes."""
    said = subprocess.run(["sh", DEPLOY / "env.sh"], capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in said.splitlines())


@pytest.fixture(scope="module")
def compose(env: dict[str, str]) -> dict[str, Any]:
    """The file as compose reads it; a variable that env.sh does not make and has no default is a KeyError."""

    def filled(found: re.Match[str]) -> str:
        name, kind, default = found.groups()
        return env.get(name, default) if kind == "-" else env[name]

    read: dict[str, Any] = yaml.safe_load(VARIABLE.sub(filled, (DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    return read


def test_everything_is_there_and_pinned(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert {"postgres", "kafka", *PORTS} <= set(services)
    for name, about in services.items():
        assert re.search(r":\d+\.\d+", about["image"]), name
        if name in PORTS:
            assert about["build"]["args"] == {"SERVICE": name}
            assert about["build"]["dockerfile"] == "deploy/Dockerfile"
            assert about["read_only"]
            assert about["cap_drop"] == ["ALL"]
        for other in about.get("depends_on", {}):
            assert other in services


@pytest.mark.parametrize("name", PORTS)
def test_each_process_could_start_with_what_it_is_told(compose: dict[str, Any], name: str) -> None:
    told = {key: str(value) for key, value in compose["services"][name]["environment"].items()}
    settings: Any = load(kind_of(name), name, told)
    assert settings.addresses == {one: f"{one}:{PORTS[one]}" for one in SERVICES}
    assert {key for key in told if key.startswith("KITH_")} - known_variables() == set()


@pytest.mark.parametrize("name", OWNERS)
def test_each_migration_could_run_with_what_it_is_told(compose: dict[str, Any], name: str) -> None:
    told = compose["services"][f"migrate_{name}"]["environment"]
    assert load(MigrationSettings, name, told).owner_database_url.endswith(f"@postgres:5432/kith_{name}")


def test_nothing_starts_without_its_secrets() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    secret = re.findall(r"^\s+(KITH_\w*(?:KEY|SECRET)): (.*)$", text, re.MULTILINE)
    assert len(secret) > 10
    assert [line for line in secret if ":?" not in line[1]] == []


def test_what_makes_extensions_is_what_the_chassis_says() -> None:
    assert (DEPLOY / "postgres" / "bootstrap.psql").read_text(encoding="utf-8") == bootstrap_sql()


def test_an_empty_postgres_gets_roles_and_databases_that_can_be_migrated(env: dict[str, str]) -> None:
    psql = find_binaries().folder
    with postgres_server() as server:
        at, password = server.url.rpartition("@")[2], env["KITH_ROLE_PASSWORD"]
        environ = {
            "PATH": f"{psql}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": at.partition(":")[2],
            "PGPASSWORD": server.url.partition("postgres:")[2].partition("@")[0],
            "KITH_ROLE_PASSWORD": password,
        }
        subprocess.run([DEPLOY / "postgres" / "10-databases.sh"], env=environ, check=True, stdout=subprocess.DEVNULL)

        async def migrated(name: str) -> str:
            url = f"postgresql://{name}_owner:{password}@{at}/kith_{name}"
            await upgrade(migrations_of_events() if name == "events" else migrations_named(name), url)
            return await status(migrations_named(name), url)

        assert {name: asyncio.run(migrated(name)) for name in OWNERS} == {
            name: migrations_named(name).head for name in OWNERS
        }

        async def enters(role: str, database: str) -> bool:
            try:
                connection = await asyncpg.connect(f"postgresql://{role}:{password}@{at}/{database}")
            except asyncpg.InsufficientPrivilegeError:
                return False
            await connection.close()
            return True

        assert asyncio.run(enters("sales_app", "kith_sales"))
        assert not asyncio.run(enters("sales_app", "kith_contacts"))


@pytest.mark.skipif(
    not shutil.which("docker")
    or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0,
    reason="no docker compose here",
)
def test_compose_itself_takes_it(env: dict[str, str]) -> None:
    command = ["docker", "compose", "-f", str(DEPLOY / "compose.yaml"), "--profile", "kafka", "config", "-q"]
    subprocess.run(command, env={**os.environ, **env}, check=True)
