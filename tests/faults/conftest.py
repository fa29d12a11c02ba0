"""One suite for all faults, and a line for each drill."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.suite import Suite, ok, started, until


@pytest.fixture(scope="session")
def faulty() -> Iterator[Suite]:
    """Up, with the first tenant's pipeline there."""
    with TemporaryDirectory(prefix="kith-faults-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)  # PostgreSQL runs as somebody else and has to reach what lies below
        with started(Path(home) / "kith") as suite:
            with suite.client() as admin:
                until(lambda: ok(admin.get("/v1/pipelines"))["pipelines"], 60)
            yield suite


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """A line of figures, told whether or not the drill passes."""

    def told(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}")  # noqa: T201  # figures are for people

    return told
