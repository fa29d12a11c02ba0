"""What `kith` says, and how it ends."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import main as command_line
from cli.home import Home
from cli.main import app

RUN = CliRunner()


def kith(*words: str) -> Result:
    return RUN.invoke(app, list(words))


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home in which nothing was ever started."""
    monkeypatch.setenv("KITH_HOME", str(tmp_path / "none"))
    return Home.here()


def ended(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit status of the whole command line."""
    monkeypatch.setattr(sys, "argv", ["kith", *words])
    with pytest.raises(SystemExit) as left:
        command_line.main()
    assert isinstance(left.value.code, int)
    return left.value.code


def test_where_nothing_runs_it_is_said(nowhere: Home) -> None:
    assert (kith("status").exit_code, kith("status").output) == (3, "Nothing runs.\n")
    assert kith("status", "--json").output.strip() == "[]"
    assert (kith("down").exit_code, kith("down").output) == (0, "Nothing ran.\n")
    assert not nowhere.folder.exists()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["restart", "sales"], 1, "sales does not run."),
        (["db", "status"], 1, "Nothing was ever started in "),
        (["health", "billing"], 2, "There is no process 'billing'; there are identity, contacts"),
        (["health", "--watch"], 2, "--watch takes the name of one service."),
        (["config", "show", "-s", "billing"], 2, "There is no process 'billing'"),
        (["config", "show", "-s", "sales"], 78, "sales could not start: KITH_SALES_DATABASE_URL is not set"),
        (["logs", "sales"], 1, "There is no log of sales."),
        (
            ["new", "noun", "sales", "quote", "quotes", "--zh", "报价", "--en", "Quote"],
            2,
            "noun 'quote': words in TitleCase",
        ),
        (["up", "--sideways"], 2, ""),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    nowhere: Home,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    status: int,
    said: str,
) -> None:
    assert ended(monkeypatch, *words) == status
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert said == "" or error.count("\n") == 1


def test_status_and_health_of_what_runs(standing: Home) -> None:
    rows = {row["process"]: row for row in json.loads(kith("status", "--json").output)}
    assert set(rows) == {"postgres", "identity", "contacts", "sales", "service_desk", "marketing", "gateway"}
    assert all(row["pid"] and row["restarts"] == 0 for row in rows.values())
    assert "service_desk" in kith("status").output
    healths = kith("health", "--all", "--json")
    assert healths.exit_code == 0
    assert set(json.loads(healths.output).values()) == {"SERVING"}


def test_a_process_that_is_away_is_told_by_the_exit_status(standing: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_SALES_PORT", "1")
    found = kith("health", "sales", "--json")
    assert (found.exit_code, json.loads(found.output)) == (1, {"sales": "AWAY"})


def test_up_says_how_to_come_in(standing: Home) -> None:
    said, demo = kith("up").output, standing.read("demo.json")
    assert said.startswith("Everything ran already; nothing changed.")
    assert demo["url"] in said
    assert demo["password"] in said
    assert demo["api_key"] not in said
    assert json.loads(kith("up", "--json").output)["changed"] is False


def test_config_show_tells_what_a_service_is_told_without_its_secrets(standing: Home) -> None:
    """Expectation 32, S23."""
    found = json.loads(kith("config", "show", "--service", "sales", "--json").output)
    secrets = standing.read("secrets.json")
    assert found["KITH_SALES_DATABASE_URL"].startswith("postgresql://sales_app:***@127.0.0.1:")
    assert found["KITH_PAGE_SECRET"] == found["KITH_SALES_KEY"] == "***"
    for service in ("identity", "sales", "gateway"):
        said = kith("config", "show", "--service", service).output
        assert [name for name, secret in secrets.items() if secret in said] == []


def test_db_tells_revisions_and_drift(standing: Home) -> None:
    rows = json.loads(kith("db", "status", "--json").output)
    assert {row["database"]: row["revision"] for row in rows} == {row["database"]: "0001" for row in rows}
    assert len(rows) == 6
    assert kith("db", "check", "sales").output == "sales: as declared\n"
    assert kith("db", "upgrade", "sales").output == "sales was at 0001 already.\n"
    assert kith("db", "downgrade", "sales", "base").output == "sales is at base now.\n"
    broken = kith("db", "check", "sales")
    assert (broken.exit_code, broken.output.split(":")[1].strip()) == (1, "missing")
    assert "CREATE TABLE sales_things" in kith("db", "upgrade", "sales", "--sql").output
    assert kith("db", "upgrade", "sales").output == "sales is at 0001 now.\n"


def test_logs_tell_what_processes_said(standing: Home) -> None:
    assert "sales begins" in kith("logs", "sales").output
    (standing.logs / "odd.log").write_text('words\n{"event": "an event"}\n')
    # `logs` copies lines as they come, so that following works
    assert kith("logs", "odd", "--json").output == '{"event": "an event"}\n'
    (standing.logs / "odd.log").unlink()


def test_doctor_finds_what_is_wrong(standing: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_SALES_PROT", "7003")
    found = {one["says"]: one["good"] for one in json.loads(kith("doctor", "--json").output)}
    assert found["KITH_SALES_PROT is set, and nothing reads a variable of that name"] is False
    assert [says for says, good in found.items() if "sales is SERVING" in says and good]
    # stand-ins run on a PostgreSQL that does not wait for the disk, which is just what R08 must see
    assert found["PostgreSQL has fsync off; an answered write needs on"] is False
    assert kith("doctor").exit_code == 1


def test_version_is_that_of_the_project() -> None:
    assert kith("version").output == "kith 0.1.0\n"
