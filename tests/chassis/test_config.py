"""Settings: read once from the environment or from files, what is wrong is named, secrets stay in."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from chassis.config import Misconfigured, ServiceSettings, load, load_or_exit
from cli.doctor import known_variables
from cli.settings import shown

GOOD = {
    "KITH_SALES_DATABASE_URL": "postgresql://sales_app:canary-1@db:5432/kith_sales",
    "KITH_SALES_WORKER_DATABASE_URL": "postgresql://sales_worker:canary-2@db:5432/kith_sales",
    "KITH_EVENTS_DATABASE_URL": "postgresql://events_worker:canary-3@db:5432/kith_events",
    "KITH_SALES_KEY": "kith_sales_canary4canary4canary4",
    "KITH_PAGE_SECRET": "canary-5-canary-5-canary-5-canary-5",
}


def test_what_is_not_set_has_its_default_and_nothing_can_be_changed() -> None:
    settings = load(ServiceSettings, "sales", GOOD)
    assert (settings.port, settings.metrics_port, settings.host) == (7003, 8003, "127.0.0.1")
    assert settings.addresses["service_desk"] == "127.0.0.1:7004"
    with pytest.raises(ValidationError):
        settings.port = 1


def test_a_variable_that_is_not_ours_changes_nothing() -> None:
    assert load(ServiceSettings, "sales", {**GOOD, "PORT": "1", "HOST": "0.0.0.0", "KEY": "x"}).port == 7003


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"KITH_SALES_DATABASE_URL": None}, "KITH_SALES_DATABASE_URL is not set (Its database"),
        ({"KITH_SALES_DATABASE_URL": "mysql://a/b"}, "KITH_SALES_DATABASE_URL is no postgresql://"),
        ({"KITH_SALES_DATABASE_URL": "postgresql://a@b"}, "KITH_SALES_DATABASE_URL is no postgresql://"),
        ({"KITH_SALES_PORT": "http"}, "KITH_SALES_PORT is wrong: input should be a valid integer"),
        ({"KITH_SALES_PORT": "70000"}, "KITH_SALES_PORT is wrong: input should be less than or equal to 65535"),
        ({"KITH_PAGE_SECRET": "short"}, "KITH_PAGE_SECRET is wrong: value should have at least 32"),
        ({"KITH_LOG_LEVEL": "LOUD"}, "KITH_LOG_LEVEL is wrong: input should be 'DEBUG', 'INFO'"),
        ({"KITH_EVENTS": "rabbit://x"}, "KITH_EVENTS is neither postgres nor kafka://"),
        ({"KITH_EVENTS": "kafka://"}, "KITH_EVENTS is neither postgres nor kafka://"),
        ({"KITH_EVENTS_DATABASE_URL": None}, "KITH_EVENTS_DATABASE_URL is not set, and KITH_EVENTS is postgres"),
        ({"KITH_IDENTITY_ADDRESS": "http://x"}, "KITH_IDENTITY_ADDRESS is no host:port"),
        ({"OTEL_TRACES_SAMPLER_ARG": "2"}, "OTEL_TRACES_SAMPLER_ARG is wrong: input should be less than"),
        ({"KITH_PAGE_SECRET_FILE": "/nowhere"}, "KITH_PAGE_SECRET and KITH_PAGE_SECRET_FILE are both set"),
        (
            {"KITH_SALES_KEY": None, "KITH_SALES_KEY_FILE": "/nowhere"},
            "KITH_SALES_KEY_FILE cannot be read: /nowhere: No",
        ),
    ],
)
def test_what_is_wrong_is_named_and_never_quoted(changes: dict[str, str | None], said: str) -> None:
    environ = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    with pytest.raises(Misconfigured) as refused:
        load(ServiceSettings, "sales", environ)
    assert str(refused.value).startswith(said)
    assert "canary" not in str(refused.value)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(Misconfigured) as refused:
        load(ServiceSettings, "sales", {"KITH_SALES_PORT": "x"})
    wrong = ("KITH_SALES_PORT", "KITH_SALES_DATABASE_URL", "KITH_SALES_WORKER_DATABASE_URL", "KITH_PAGE_SECRET")
    assert [name for name in wrong if f"{name} is " not in str(refused.value)] == []


def test_the_process_ends_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        load_or_exit(ServiceSettings, "sales")
    assert ended.value.code == 78
    said = capsys.readouterr().err
    assert said.startswith("sales cannot start: KITH_SALES_DATABASE_URL is not set")
    assert said.endswith(".\n")
    assert said.count("\n") == 1


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(GOOD["KITH_SALES_DATABASE_URL"] + "\n")
    environ = {**GOOD, "KITH_SALES_DATABASE_URL_FILE": str(file)}
    del environ["KITH_SALES_DATABASE_URL"]
    assert load(ServiceSettings, "sales", environ).database_url == GOOD["KITH_SALES_DATABASE_URL"]


def test_no_secret_is_shown() -> None:
    """S23: neither by repr nor by `kith config show`."""
    settings = load(ServiceSettings, "sales", GOOD)
    found = shown(settings, "sales")
    assert "canary" not in repr(settings) + str(settings) + repr(found)
    assert found["KITH_SALES_DATABASE_URL"] == "postgresql://sales_app:***@db:5432/kith_sales"
    assert found["KITH_PAGE_SECRET"] == "***"
    assert found["KITH_SALES_PORT"] == "7003"


def test_a_class_of_ones_own_reads_what_its_fields_are_called() -> None:
    class Own(BaseSettings):
        seal: str

    assert load(Own, "identity", {"KITH_SEAL": "x"}).seal == "x"


def test_variables_that_nothing_reads_are_known_as_such() -> None:
    assert {"KITH_SALES_PORT", "KITH_HOME", "KITH_IDENTITY_SECRET", "KITH_PAGE_SECRET_FILE"} <= known_variables()
    assert "KITH_SALES_PROT" not in known_variables()
