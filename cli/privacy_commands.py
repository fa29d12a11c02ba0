"""`kith privacy`: whether a certificate of what was erased is genuine, without asking whoever wrote it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from chassis.privacy.certificate import is_genuine
from cli.home import Trouble
from cli.said import as_json, say

app = typer.Typer(no_args_is_help=True, help="Privacy requests: proof of what was erased.")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A certificate, as it was answered.")],
    key: Annotated[str, typer.Option("--key", help="The public key that you noted.")] = "",
    as_program: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Whether a certificate is what was sealed; status 1 if not. Without a key, with the one it brings."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        document, seal, public_key = (str(told[name]) for name in ("document", "seal", "publicKey"))
        said = json.loads(document)
        results = [(one["noun"], int(one["erased"]), int(one["held"]), one["reason"]) for one in said["results"]]
        state = said["state"]
    except (ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{file} is no certificate: {error!r}.", 2) from None
    genuine = is_genuine(document, seal, key or public_key)
    if as_program:
        as_json({"genuine": genuine, "public_key": public_key, "certificate": said})
    else:
        for noun, erased, held, reason in results:
            say(f"{noun}: {erased} erased, {held} held {reason}".rstrip())
        say(f"{state}, {'genuine' if genuine else 'not genuine'}; sealed with {public_key}.")
    if not genuine:
        raise typer.Exit(1)


@app.callback()
def _group() -> None:
    """Else a single command would lose its name."""
