"""`kith import`: the same file by the command line, with what did not go in beside it."""

import asyncio
import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chassis.testing.serving import Served
from cli import main as command_line
from cli.home import Trouble
from cli.import_file import harmless
from tests.contacts.files import somebody, table
from tests.contacts.working import working


@pytest.fixture
def file(office: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command looks for what runs, and a place for its file."""
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    (tmp_path / "demo.json").write_text(json.dumps({"api_key": "rep", "grpc": {"contacts": office.address}}))
    return tmp_path / "cards.csv"


def put(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as content:
        return list(csv.DictReader(content))


async def kith(office: Served, *words: str) -> Result:
    async with working(office):
        return await asyncio.to_thread(CliRunner().invoke, command_line.app, ["import", *words])


async def test_a_file_goes_in_and_what_does_not_is_written_beside_it(
    office: Served, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.import_file.PIECE_BYTES", 300)
    put(file, table([somebody(1), somebody(2, email="=cmd|x@@y"), somebody(3)], encoding="gb18030"))
    words = (str(file), "--noun", "contact", "--json")
    for expected in ((2, 0, 0, 1), (0, 0, 2, 1)):
        told = await kith(office, *words)
        assert told.exit_code == 1
        said = json.loads(told.stdout)
        assert tuple(said[name] for name in ("created", "updated", "unchanged", "rejected")) == expected
        assert (said["state"], said["encoding"]) == ("COMPLETED_WITH_ERRORS", "gb18030")
        (row,) = await asyncio.to_thread(rows_of, Path(said["errors"]))
        assert (row["line"], row["column"], row["value"], row["reason"]) == ("3", "邮箱", "'=cmd|x@@y", "BAD_EMAIL")


async def test_columns_and_keys_are_said_on_the_command_line(office: Served, file: Path) -> None:
    put(file, b"Who,Where,Shoe\nBo,Acme,43\nAnn,,44\n")
    words = (*("--map", "Who=display_name", "--map", "Where=account", "--map", "Shoe="), "--key", "display_name")
    told = await kith(office, str(file), "--noun", "contact", *words)
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (
        0,
        "2 created, 0 updated, 0 unchanged, 0 rejected",
    )
    found = {one.display_name: one for one in (await office.as_("rep").ListContacts()).contacts}
    assert (bool(found["Bo"].account_id), found["Ann"].account_id) == (True, "")
    assert not found["Bo"].HasField("custom_fields")


async def test_a_dry_run_keeps_nothing(office: Served, file: Path) -> None:
    put(file, table([somebody(1)]))
    told = await kith(office, str(file), "--noun", "contact", "--dry-run")
    assert told.stdout.splitlines()[-1].startswith("1 would be created")
    assert not (await office.as_("rep").ListContacts()).contacts


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        ("name\n张\n".encode("gb18030"), (), "--encoding gb18030"),
        (b"name\nBo\n", ("--map", "who=display_name"), "no column who"),
        (b"\0\1\2", (), "no text"),
        (b"name\nBo\n", ("--mode", "sometimes"), "create, update, upsert"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    office: Served, file: Path, content: bytes, words: tuple[str, ...], says: str
) -> None:
    put(file, content)
    told = await kith(office, str(file), "--noun", "contact", *words)
    assert isinstance(told.exception, Trouble)
    assert says in str(told.exception)


def test_no_cell_of_the_error_file_is_reckoned_out() -> None:
    """S14: OWASP's list of what begins a formula."""
    assert [harmless(text)[0] for text in ("=1", "+1", "-1", "@a", "\ta", "\ra")] == ["'"] * 6
    assert harmless("张伟") == "张伟"
