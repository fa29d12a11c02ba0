"""ID-13: an API key's secret is replaced without a moment in which no secret works; the old one ends by itself."""

from typing import Any

import pytest

from chassis.errors import Unauthenticated
from tests.identity.letters import carrying
from tests.identity.suite import World, is_refused, neighbour, refused, until

HOUR = {"seconds": 3600}
OUT_SECONDS = 30.0  # promised are 5, on a machine that does nothing else


async def works(world: World, secret: str) -> bool:
    return not await is_refused(world.replica.as_(secret).WhoAmI())


async def key(world: World, **fields: Any) -> Any:
    return await world.boss.CreateApiKey(api_key={"display_name": "k"} | fields)


async def test_the_old_secret_goes_on_for_the_grace_and_then_ends_in_every_process(world: World) -> None:
    made = await key(world)
    async with neighbour(world.replica) as (sales, _):
        await until(lambda: sales._principals._listening)

        async def known(secret: str) -> bool:
            return not await is_refused_by(sales, secret)

        rotated = await world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
        after = rotated.api_key
        assert after.state == after.ROTATING
        assert after.previous_secret_end_time.seconds - after.rotate_time.seconds == HOUR["seconds"]
        assert rotated.secret.startswith(f"kith_{after.prefix}_")
        assert after.prefix != made.api_key.prefix
        assert (await known(made.secret), await known(rotated.secret)) == (True, True)
        async with carrying(world):  # jobs run meanwhile
            assert await world.admin.fetchval("select count(*) from job where kind = 'end_rotation'") == 1
            await world.admin.execute("update job set due_time = now() where kind = 'end_rotation'")

            async def is_out() -> bool:
                return not await known(made.secret)

            await until(is_out, OUT_SECONDS)
        assert await known(rotated.secret)
    after = await world.boss.GetApiKey(id=made.api_key.id)
    assert (after.state, after.HasField("previous_secret_end_time")) == (after.ACTIVE, False)
    assert after.HasField("last_used_time")
    verbs = [one.verb for one in (await world.boss.ListApiKeyRevisions(id=made.api_key.id)).revisions]
    assert verbs == ["rotation_ended", "rotated", "created"]


async def is_refused_by(sales: Any, secret: str) -> bool:
    try:
        await sales.authenticate([("authorization", f"Bearer {secret}")])
    except Unauthenticated:
        return True
    return False


async def test_the_old_secret_ends_by_the_clock_though_no_job_runs(world: World) -> None:
    made = await key(world)
    rotated = await world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
    ended = "update secret set end_time = now() - interval '1 second' where end_time is not null"
    assert await world.admin.execute(ended) == "UPDATE 1"
    assert (await works(world, made.secret), await works(world, rotated.secret)) == (False, True)


async def test_without_a_grace_every_older_secret_ends_at_once(world: World) -> None:
    made = await key(world)
    assert await works(world, made.secret)
    second = await world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
    again = world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
    assert await refused(again) == "KEY_ROTATING"
    assert (await works(world, made.secret), await works(world, second.secret)) == (True, True)
    third = await world.boss.RotateApiKey(id=made.api_key.id)
    assert third.api_key.state == third.api_key.ACTIVE

    async def both_are_out() -> bool:
        return not (await works(world, made.secret) or await works(world, second.secret))

    await until(both_are_out, OUT_SECONDS)
    assert await works(world, third.secret)


async def test_the_end_of_an_earlier_rotation_ends_no_later_one(world: World) -> None:
    made = await key(world)
    await world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
    second = await world.boss.RotateApiKey(id=made.api_key.id)
    await world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
    first_job = "select id from job where kind = 'end_rotation' order by id limit 1"
    await world.admin.execute(f"update job set due_time = now() where id = ({first_job})")
    async with carrying(world):

        async def done() -> bool:
            return bool(await world.admin.fetchval("select count(*) from job where end_time is not null"))

        await until(done)
    assert await works(world, second.secret)
    assert (await world.boss.GetApiKey(id=made.api_key.id)).state == made.api_key.ROTATING


async def test_revoking_ends_all_its_secrets(world: World) -> None:
    made = await key(world)
    rotated = await world.boss.RotateApiKey(id=made.api_key.id, grace_period=HOUR)
    await world.boss.RevokeApiKey(id=made.api_key.id)

    async def both_are_out() -> bool:
        return not (await works(world, made.secret) or await works(world, rotated.secret))

    await until(both_are_out, OUT_SECONDS)
    assert await refused(world.boss.RotateApiKey(id=made.api_key.id)) == "KEY_ENDED"


async def test_what_cannot_be_called_with_is_not_rotated(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    theirs, expiring = await key(world, user_id=ann.id), await key(world)
    await world.boss.SuspendUser(id=ann.id)
    await world.admin.execute("update api_key set expire_time = now() where id = $1", expiring.api_key.id)
    for made in (theirs, expiring):
        assert await refused(world.boss.RotateApiKey(id=made.api_key.id)) == "KEY_ENDED"


@pytest.mark.parametrize("seconds", [-1, 86_401])
async def test_a_grace_is_up_to_a_day(world: World, seconds: int) -> None:
    made = await key(world)
    asked = world.boss.RotateApiKey(id=made.api_key.id, grace_period={"seconds": seconds})
    assert await refused(asked) == "INVALID_ARGUMENT"
    assert (await world.boss.GetApiKey(id=made.api_key.id)).prefix == made.api_key.prefix


async def test_the_new_secret_is_told_once(world: World) -> None:
    made = await key(world)
    asked = {"id": made.api_key.id, "grace_period": HOUR, "request_id": "once"}
    rotated = await world.boss.RotateApiKey(**asked)
    assert await refused(world.boss.RotateApiKey(**asked)) != ""
    shown = str(await world.boss.GetApiKey(id=made.api_key.id))
    for table in ("outbox", "history", "job", "api_key", "secret"):
        shown += str([str(row[0]) for row in await world.admin.fetch(f"select t::text from {table} t")])
    assert rotated.secret.rpartition("_")[2] not in shown
