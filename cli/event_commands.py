"""`kith events`: what readers could not digest, and what a bus lost."""

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.config import SERVICES, EventSettings, Misconfigured, load
from cli.generated import secrets_of
from cli.home import Home, Trouble
from cli.said import as_json, say, table
from cli.suite import Suite, server_of

if TYPE_CHECKING:
    from chassis.events.bus import EventBus
    from chassis.events.letters import Letter

app = typer.Typer(no_args_is_help=True, help="Events: what could not be digested, and what was lost.")
dlt = typer.Typer(no_args_is_help=True, help="Dead letters.")
app.add_typer(dlt, name="dlt")
Reader = Annotated[str, typer.Argument(help=f"The service that could not digest them: {', '.join(SERVICES)}.")]
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@dlt.command("list")
def dlt_list(
    service: Annotated[str, typer.Argument(help="One service; all if none is named.")] = "", json: Json = False
) -> None:
    """Which events were buried, why, and where they came from."""
    names = [service] if service else SERVICES
    rows = [_row(letter) for name in names for letter in asyncio.run(_letters(name))]
    if json:
        as_json(rows)
    elif rows:
        table([{name: row[name] for name in ("letter", "type", "from", "time")} for row in rows])
        for row in rows:
            say(f"{row['letter']}: {row['reason']}: {row['detail'].splitlines()[0] if row['detail'] else ''}")
    else:
        say("There are no dead letters.")


@dlt.command("replay")
def dlt_replay(
    service: Reader,
    ids: Annotated[list[str] | None, typer.Argument(help="Letters, as `list` names them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were not replayed yet.")] = False,
    reason: Annotated[str, typer.Option(help="Only those buried for this reason.")] = "",
) -> None:
    """Give dead letters to their reader once more, after what was wrong with it is mended; each letter only once."""
    if bool(ids) == every:
        raise Trouble("Name letters, or say --all.", 2)
    done, known, refused = asyncio.run(_replay(service, set(ids or ()), reason))
    for letter, why in refused:
        say(f"{letter} cannot be replayed: {why}.")
    say(f"{done} replayed; {known} had been before.")
    if refused:
        raise typer.Exit(1)


@app.command()
def republish(
    service: Annotated[str, typer.Argument(help=f"Whose events: {', '.join(SERVICES)}.")],
    since: Annotated[
        datetime, typer.Option(help="Changes made since then, in UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
    ],
) -> None:
    """Publish what history remembers once more, after the bus lost it; whoever has an event already drops it."""
    from chassis.events.republish import republish

    async def again() -> int:
        reading, writing = await _owner(service), await _owner(service)
        try:
            return await republish(reading, writing, service, since.replace(tzinfo=UTC))
        finally:
            await reading.close()
            await writing.close()

    say(f"{asyncio.run(again())} events are on their way once more.")


def _row(letter: "Letter") -> dict[str, str]:
    return {
        "letter": str(letter.id),
        "type": letter.said("ce_type"),
        "reason": letter.said("dlt_reason"),
        "detail": letter.said("dlt_detail"),
        "from": letter.said("dlt_origin"),
        "tenant": letter.said("ce_tenantid"),
        "time": letter.said("ce_time"),
        "trace": letter.said("traceparent")[3:35],
    }


async def _letters(service: str) -> list["Letter"]:
    from chassis.events.bus import BusAway
    from chassis.events.letters import graves_of, letters_in
    from cli.databases import service_named

    named, bus = service_named(service), await _bus()
    try:
        return await letters_in(bus, graves_of(named))
    except BusAway as error:
        raise Trouble(f"The events cannot be read: {error}.") from None
    finally:
        await bus.close()


async def _replay(service: str, ids: set[str], reason: str) -> tuple[int, int, list[tuple[str, str]]]:
    from chassis.events.letters import NotReplayable, replay

    letters = [one for one in await _letters(service) if not ids or str(one.id) in ids]
    letters = [one for one in letters if not reason or one.said("dlt_reason") == reason]
    if unknown := ids - {str(one.id) for one in letters}:
        raise Trouble(f"There is no such letter: {', '.join(sorted(unknown))}.", 2)
    done, refused = [], []
    owner = await _owner(service)
    try:
        for letter in letters:
            try:
                done.append(await replay(owner, letter))
            except NotReplayable as error:
                refused.append((str(letter.id), str(error)))
    finally:
        await owner.close()
    return sum(done), len(done) - sum(done), refused


async def _bus() -> "EventBus":
    """The bus that the suite of this home is on."""
    home = Home.here()
    suite = Suite(home, secrets_of(home))
    url = suite.database_url("events", "worker", server_of(suite))
    try:
        settings = load(EventSettings, "events", {"KITH_EVENTS_DATABASE_URL": url} | dict(os.environ))
    except Misconfigured as error:
        raise Trouble(f"{error}.", 78) from None
    if settings.events == "postgres":
        from chassis.database.worker import open_pool
        from chassis.events.postgres_log import PostgresLog

        return PostgresLog(await open_pool(settings.events_database_url, 1))
    from chassis.events.kafka import KafkaBus
    from chassis.events.kafka_access import KafkaAccess

    return KafkaBus(KafkaAccess.told(settings))


async def _owner(service: str) -> Any:
    """A connection to its database, as the role that owns the tables. Raises Trouble."""
    import asyncpg

    home = Home.here()
    suite = Suite(home, secrets_of(home))
    if service not in SERVICES:
        raise Trouble(f"There is no service {service!r}; there are {', '.join(SERVICES)}.", 2)
    try:
        return await asyncpg.connect(suite.database_url(service, "owner", server_of(suite)))
    except (asyncpg.PostgresError, OSError) as error:
        raise Trouble(f"The database of {service} cannot be used: {error}.") from None
