"""`kith kafka`: real brokers on this machine, for development."""

import os
from typing import Annotated

import typer

from cli.brokers import Brokers
from cli.home import Home, Trouble
from cli.said import say

app = typer.Typer(no_args_is_help=True, help="Kafka brokers on this machine, for development.")
FOLDER = "kafka"


def of(home: Home) -> Brokers:
    """The cluster of this home, of as many brokers as it was started with."""
    known = home.read("kafka.json")
    return Brokers.of(home.folder / FOLDER, known.get("brokers", 1), known.get("ports", ()))


@app.command()
def up(
    count: Annotated[int, typer.Option("--brokers", help="One, or three for drills.", min=1, max=5)] = 1,
    port: Annotated[int, typer.Option(help="The first broker's port; each takes two.", min=1024, max=32000)] = 9092,
) -> None:
    """Fetch Kafka, start it and make the topics; a second time nothing changes."""
    home = Home.here()
    home.make()
    told = {"brokers": count, "ports": list(range(port, port + 2 * count))}
    if home.read("kafka.json") not in ({}, told) and any(broker.pid for broker in of(home).members):
        raise Trouble("Other brokers run in this home; run: kith kafka down")
    home.write("kafka.json", told)
    cluster = of(home)
    changed = cluster.start()
    from cli.topic_commands import applied  # the services come with it

    applied(os.environ | {"KITH_EVENTS": cluster.url})
    say("Kafka runs." if changed else "Kafka ran already; nothing changed.")
    say(f"Start the suite on it with: make up KITH_EVENTS={cluster.url}")


@app.command()
def down() -> None:
    """Stop the brokers; what they hold stays."""
    say("Kafka is stopped." if of(Home.here()).stop() else "No broker ran.")
