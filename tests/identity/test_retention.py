"""What is kept for a while is kept so long and no longer."""

import pytest

from chassis.database.session import Database
from chassis.testing.serving import refusal
from identity.retention import sweep
from tests.identity.suite import World

KEPT = {"principal_change": "create_time", "sign_in_attempt": "create_time", "signing_key": "end_time"}


@pytest.mark.parametrize(
    ("table", "kept", "over"),
    [
        ("principal_change", "9 minutes", "11 minutes"),
        ("sign_in_attempt", "29 minutes", "31 minutes"),
        ("signing_key", "23 hours", "25 hours"),
    ],
)
async def test_what_is_over_is_put_away(world: World, table: str, kept: str, over: str) -> None:
    await world.boss.CreateTeam(team={"display_name": "North"})
    await refusal(world.sign_in(password="guess"))
    database = await Database.open(world.urls.app)
    for age, some_left in ((kept, True), (over, False)):
        await world.admin.execute(f"update {table} set {KEPT[table]} = now() - $1::text::interval", age)
        await sweep(database)
        assert bool(await world.admin.fetchval(f"select count(*) from {table}")) is some_left
    await database.close()
