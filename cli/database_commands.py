"""`kith db`: the tables of each service, and whether they are as the code declares them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from cli.generated import FILE, secrets_of
from cli.home import Home, Trouble
from cli.said import as_json, say, table
from cli.suite import OWNERS, Suite, server_of

if TYPE_CHECKING:
    from chassis.database.migrate import Migrations

# Alembic and the services are loaded where a command runs: others need not wait for them.
app = typer.Typer(no_args_is_help=True, help="The tables of each service.")
T = TypeVar("T")
One = Annotated[str, typer.Argument(help=f"One of {', '.join(OWNERS)}.")]
Some = Annotated[list[str] | None, typer.Argument(help=f"Some of {', '.join(OWNERS)}; all if none is named.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def status(services: Some = None, json: Json = False) -> None:
    """The revision each database is at, and the newest there is."""
    from chassis.database.migrate import status

    rows = []
    for migrations, url in _all(services):
        revision = _run(status(migrations, url))
        rows.append({"database": migrations.name, "revision": revision, "newest": migrations.head})
    as_json(rows) if json else table(rows)


@app.command()
def upgrade(
    services: Some = None, sql: Annotated[bool, typer.Option("--sql", help="Print what would run instead.")] = False
) -> None:
    """Bring databases to the newest revision."""
    from chassis.database.migrate import status, upgrade, upgrade_sql

    for migrations, url in _all(services):
        if sql:
            say(upgrade_sql(migrations, _run(status(migrations, url)) or "base"))
        elif _run(upgrade(migrations, url)):
            say(f"{migrations.name} is at {migrations.head} now.")
        else:
            say(f"{migrations.name} was at {migrations.head} already.")


@app.command()
def downgrade(service: One, to: Annotated[str, typer.Argument(help="A revision, -1, or base.")]) -> None:
    """Take one database back."""
    from chassis.database.migrate import downgrade, status

    ((migrations, url),) = _all([service])
    _run(downgrade(migrations, url, to))
    say(f"{service} is at {_run(status(migrations, url)) or 'base'} now.")


@app.command()
def check(services: Some = None, json: Json = False) -> None:
    """Compare databases with what the code declares; status 1 if anything differs."""
    from chassis.database.drift import drift

    found = {migrations.name: _run(drift(migrations, url)) for migrations, url in _all(services)}
    if json:
        as_json(found)
    for name, lines in found.items() if not json else ():
        for line in lines or ["as declared"]:
            say(f"{name}: {line}")
    if any(found.values()):
        raise typer.Exit(1)


@app.command()
def baseline(services: Some = None) -> None:
    """Freeze the declared tables as the first revision; only before there is a second."""
    from chassis.database.migrate import MigrationFailed, write_baseline

    for name in services or OWNERS:
        try:
            say(f"wrote {write_baseline(_named(name))}")
        except MigrationFailed as error:
            raise Trouble(f"{error}.") from None


@app.command()
def revision(service: One, says: Annotated[str, typer.Argument(help="What it does, in a few words.")]) -> None:
    """Write an empty revision after the newest."""
    from chassis.database.migrate import write_revision

    say(f"wrote {write_revision(_named(service), says)}")


def _all(names: list[str] | None) -> list[tuple[Migrations, str]]:
    home = Home.here()
    if not (home.folder / FILE).exists():
        raise Trouble(f"Nothing was ever started in {home.folder}; run: kith up")
    suite = Suite(home, secrets_of(home))
    return [(_named(name), suite.database_url(name, "owner", server_of(suite))) for name in names or OWNERS]


def _named(name: str) -> Migrations:
    from cli.databases import migrations_named

    if name not in OWNERS:
        raise Trouble(f"There is no database {name!r}; there are {', '.join(OWNERS)}.", 2)
    return migrations_named(name)


def _run(work: Coroutine[Any, Any, T]) -> T:
    from chassis.database.migrate import MigrationFailed

    try:
        return asyncio.run(work)
    except MigrationFailed as error:
        raise Trouble(f"{error}.") from None
