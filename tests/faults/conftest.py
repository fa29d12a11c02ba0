"""One suite for all faults on each event log, and a line for each drill."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.brokers import available
from tests.e2e.suite import Suite, ok, until
from tests.faults.ledger import Ledger, kept
from tests.faults.rig import Rig, on_kafka, on_postgres


@pytest.fixture(scope="session", params=["postgres"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Up, with the first tenant's pipeline there. Drills that are to run on Kafka say so (`ON_EACH_LOG`)."""
    if request.param == "kafka" and not available():
        pytest.skip("a broker needs a JDK and Maven")
    with on_kafka() if request.param == "kafka" else on_postgres() as rig:
        with rig.suite.client() as admin:
            until(lambda: ok(admin.get("/v1/pipelines"))["pipelines"], 60)
        yield rig


@pytest.fixture(scope="session")
def faulty(rig: Rig) -> Suite:
    return rig.suite


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with kept(tmp_path / "ledger.sqlite") as ledger:
        yield ledger


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """A line of figures, told whether or not the drill passes."""

    def told(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")  # noqa: T201  # figures are for people

    return told
