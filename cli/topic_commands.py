"""`kith topics`: the topics that the services need, compared with what the brokers have."""

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.config import PARTITIONS, SERVICES, EventSettings, Misconfigured, load
from cli.home import Trouble
from cli.said import as_json, say, table

if TYPE_CHECKING:
    from chassis.events.topics import Plan

app = typer.Typer(no_args_is_help=True, help="The topics of Kafka, as code.")
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Partitions = Annotated[int, typer.Option(help="Of topics that are made now; it cannot be changed later.", min=1)]


@app.command()
def plan(partitions: Partitions = PARTITIONS, json: Json = False) -> None:
    """What `apply` would change; status 3 if anything."""
    found = compared(os.environ, partitions, apply=False)
    rows = _rows(found)
    if json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("The topics are as they should be.")
    if not found.empty:
        raise typer.Exit(3)


@app.command()
def apply(partitions: Partitions = PARTITIONS, json: Json = False) -> None:
    """Make the topics that are missing, and set what differs; never touches partitions or what topics hold."""
    rows = _rows(compared(os.environ, partitions, apply=True))
    if json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("The topics were as they should be; nothing changed.")


def applied(environ: Mapping[str, str]) -> bool:
    """Whether anything had to be changed. Raises Trouble."""
    return not compared(environ, PARTITIONS, apply=True).empty


def compared(environ: Mapping[str, str], partitions: int, *, apply: bool) -> "Plan":
    """What differed. Raises Trouble where the events are not carried by Kafka, or it cannot be reached."""
    from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # it ships no types

    from chassis.events.kafka_access import KafkaAccess
    from chassis.events.topics import TopicsRefused, make_topics  # SQLAlchemy comes with it
    from cli.databases import service_named

    try:
        settings = load(EventSettings, "topics", environ)
    except Misconfigured as error:
        raise Trouble(f"{error}.", 78) from None
    if settings.events == "postgres":
        raise Trouble("KITH_EVENTS is postgres, which makes its topics by itself; set it to kafka://host:port.", 78)
    try:
        services = [service_named(name) for name in SERVICES]
        return asyncio.run(make_topics(KafkaAccess.told(settings), services, partitions, apply=apply))
    except (KafkaError, OSError) as error:
        raise Trouble(f"Kafka at {settings.events} cannot be used: {error}.") from None
    except TopicsRefused as error:
        raise Trouble(f"Kafka refused topics: {error}.") from None


def _rows(plan: "Plan") -> list[dict[str, str]]:
    rows = [{"topic": one.name, "what": "is missing", "is": "", "should be": ""} for one in plan.missing]
    for name, settings in plan.differing.items():
        rows += [{"topic": name, "what": key, "is": here, "should be": to} for key, (here, to) in settings.items()]
    for name, (here, to) in plan.unlike.items():
        rows.append({"topic": name, "what": "partitions (left alone)", "is": str(here), "should be": str(to)})
    return rows
