"""`kith`: runs the suite on one machine and looks after it."""

import importlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from chassis.config import PORTS
from cli import (
    audit_commands,
    control,
    database_commands,
    doctor,
    event_commands,
    import_file,
    kafka_commands,
    key_commands,
    new_noun,
    privacy_commands,
    settings,
    tenant_commands,
    topic_commands,
)
from cli.health import SERVING, health_of, watch
from cli.home import ROOT, Home, Trouble
from cli.said import BAD, CALM, OUT, as_json, say, table
from cli.suite import GATEWAY, Suite

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Kith, a CRM suite of gRPC services.")
config, new = typer.Typer(no_args_is_help=True), typer.Typer(no_args_is_help=True)
app.add_typer(audit_commands.app, name="audit")
app.add_typer(database_commands.app, name="db")
app.add_typer(event_commands.app, name="events")
app.add_typer(kafka_commands.app, name="kafka")
app.add_typer(key_commands.app, name="keys")
app.add_typer(privacy_commands.app, name="privacy")
app.add_typer(tenant_commands.app, name="tenants")
app.add_typer(topic_commands.app, name="topics")
app.add_typer(config, name="config", help="What processes are told.")
app.add_typer(new, name="new", help="Write the beginning of something new.")
app.command("import")(import_file.import_file)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Names = Annotated[list[str] | None, typer.Argument(help=f"Some of {', '.join(PORTS)}; all if none is named.")]


@app.command()
def up(json: Json = False) -> None:
    """Start everything on this machine; a second time nothing changes."""
    from cli.up import up  # Alembic and the services come with it, and no other command needs to wait for them

    home = Home.here()
    changed = up(home, (lambda line: None) if json else say)
    demo = home.read("demo.json")
    if json:
        as_json({"changed": changed, **{name: demo[name] for name in ("url", "tenant", "email", "grpc")}})
        return
    say("Everything runs." if changed else "Everything ran already; nothing changed.")
    table([{"": name, " ": demo[name]} for name in ("url", "tenant", "email", "password")])
    say(f"The API key and the addresses of the services are in {home.folder / 'demo.json'}.")


@app.command()
def down() -> None:
    """Stop everything; the data stays."""
    say("Everything is stopped." if control.down(Home.here()) else "Nothing ran.")


@app.command()
def restart(names: Names = None) -> None:
    """End processes and have them started anew."""
    control.restart(Home.here(), names or PORTS)


@app.command()
def status(json: Json = False) -> None:
    """What runs, where, since when; status 3 if nothing does."""
    home = Home.here()
    runs = control.running(home)
    rows = [
        {
            "process": name,
            "pid": about["pid"],
            "port": about["port"],
            "seconds": int(time.time() - about["since"]) if about["pid"] else None,
            "restarts": about["restarts"],
        }
        for name, about in (control.state_of(home) if runs else {}).items()
    ]
    if json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("Nothing runs.")
    if not runs:
        raise typer.Exit(3)


@app.command()
def health(
    names: Names = None,
    json: Json = False,
    all: Annotated[bool, typer.Option("--all", help="Each process, as if none was named.")] = False,
    watching: Annotated[
        bool, typer.Option("--watch", help="Tell each change of one service until it is away.")
    ] = False,
) -> None:
    """Whether processes answer; status 1 if one does not."""
    suite = Suite(Home.here(), {})
    asked = list(PORTS) if all or not names else names
    addresses = {name: f"127.0.0.1:{suite.port(_known(name))}" for name in asked}
    if watching:
        if len(asked) != 1 or asked == [GATEWAY]:
            raise Trouble("--watch takes the name of one service.", 2)
        for change in watch(addresses[asked[0]]):
            say(change)
        return
    found = {name: health_of(name, address) for name, address in addresses.items()}
    if json:
        as_json(found)
    else:
        table([{"process": name, "health": one} for name, one in found.items()])
    if set(found.values()) != {SERVING}:
        raise typer.Exit(1)


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="A process; all if none is named.")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f")] = False,
    json: Annotated[bool, typer.Option("--json", help="Only lines that are JSON.")] = False,
) -> None:
    """What processes said last: one event a line, in JSON."""
    files = sorted(Home.here().logs.glob(f"{name or '*'}.log"))
    if not files:
        raise Trouble(f"There is no log of {name}." if name else "There are no logs yet.")
    command = ["tail", "-q", "-n", str(lines), *(["-F"] if follow else []), *map(str, files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as tail:
        assert tail.stdout is not None
        for line in tail.stdout:
            if not json or line.startswith("{"):
                sys.stdout.write(line)
                sys.stdout.flush()


@config.command("show")
def config_show(
    service: Annotated[str, typer.Option("--service", "-s", help=f"One of {', '.join(PORTS)}.")], json: Json = False
) -> None:
    """What one service is told here; secrets are stars."""
    found = settings.show(Home.here(), _known(service), os.environ)
    if json:
        as_json(found)
    else:
        table([{"variable": name, "value": value} for name, value in found.items()])


@new.command("noun")
def noun(
    service: Annotated[str, typer.Argument(help="Whose it is.")],
    title: Annotated[str, typer.Argument(help="TitleCase, as in CaseMessage.")],
    plural: Annotated[str, typer.Argument(help="snake_case, as in case_messages.")],
    zh: Annotated[str, typer.Option(help="What it is called in Chinese.")],
    en: Annotated[str, typer.Option(help="What it is called in English.")],
    tenant_wide: Annotated[bool, typer.Option("--tenant-wide", help="Nobody owns one.")] = False,
    journal: Annotated[bool, typer.Option("--journal", help="Append-only.")] = False,
    custom_fields: Annotated[bool, typer.Option("--custom-fields")] = False,
    external_ids: Annotated[bool, typer.Option("--external-ids", help="Records of it are imported.")] = False,
) -> None:
    """Write the contract of a new noun; CONTRIBUTING.md says what comes after."""
    kind = {"owned": not tenant_wide, "journal": journal, "custom_fields": custom_fields, "external_ids": external_ids}
    try:
        say(f"wrote {new_noun.new_noun(service, title, plural, zh=zh, en=en, **kind)}")  # type: ignore[arg-type]  # bools
    except (ValueError, FileExistsError) as error:
        raise Trouble(f"{error}.", 2) from None


@app.command("doctor")
def doctor_command(json: Json = False) -> None:
    """What could be wrong with this installation; status 1 if anything is."""
    found = list(doctor.findings(Home.here(), os.environ))
    if json:
        as_json([{"good": one.good, "says": one.says} for one in found])
    else:
        for one in found:
            OUT.print(f"[{CALM}]good[/]" if one.good else f"[{BAD}]bad [/]", end=" ")
            say(one.says)
    if not all(one.good for one in found):
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Which version this is."""
    for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version"):
            say(f"kith {line.split(chr(34))[1]}")


def _known(name: str) -> str:
    if name not in PORTS:
        raise Trouble(f"There is no process {name!r}; there are {', '.join(PORTS)}.", 2)
    return name


def _add_demo() -> None:
    """`kith demo` is there once `cli.demo` is: a function `fill` of what demo.json says."""
    if not (Path(__file__).parent / "demo.py").exists():
        return

    @app.command()
    def demo() -> None:
        """Fill the tenant `demo` with a sales organisation and its customers, through the API."""
        home = Home.here()
        if not (access := home.read("demo.json")) or not control.running(home):
            raise Trouble("Nothing runs; run: kith up")
        importlib.import_module("cli.demo").fill(access)


def main() -> None:
    """The command line; ends with 1 for what could not be done, 2 for a wrong command, 78 for a wrong environment."""
    _add_demo()
    try:
        app()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(trouble.code)
    except KeyboardInterrupt:
        sys.exit(130)
