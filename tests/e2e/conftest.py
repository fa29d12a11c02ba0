"""One suite for all end-to-end tests."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.e2e.suite import Suite, started


@pytest.fixture(scope="session")
def suite() -> Iterator[Suite]:
    with TemporaryDirectory(prefix="kith-e2e-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o755)  # PostgreSQL runs as somebody else and has to reach what lies below
        with started(Path(home) / "kith") as running:
            yield running
