"""What is frozen for a first start is what the code declares, as long as there is no second revision."""

import pytest

from chassis.database.migrate import BASELINE
from cli.databases import migrations_named
from cli.suite import OWNERS


@pytest.mark.parametrize("name", OWNERS)
def test_the_first_revision_is_up_to_date(name: str) -> None:
    migrations = migrations_named(name)
    if migrations.head == BASELINE:
        frozen = (migrations.folder / f"{BASELINE}_baseline.sql").read_text(encoding="utf-8")
        assert frozen == migrations.declared(), f"run: kith db baseline {name}"
    else:
        assert migrations.head > BASELINE
