"""Sessions, their secrets and signing keys are kept as long as they are of use, and changed in time (S24)."""

from chassis.database.worker import open_pool
from chassis.resource.purge import Purge
from identity.app import SERVICE
from tests.identity.suite import World, is_refused, replica

PAST = "update session set purge_time = now() - interval '1 minute' where id = $1"
WORN = (
    "update signing_key set begin_time = now() - $1::text::interval where begin_time is not null and end_time is null"
)


async def sweep(world: World) -> int:
    pool = await open_pool(world.urls.worker, 1)
    gone = await Purge(SERVICE.nouns).sweep(pool)
    await pool.close()
    return gone


async def test_a_session_goes_thirty_days_after_its_end_with_its_refresh_tokens_and_its_cookie(world: World) -> None:
    by_itself, ended = await world.sign_in(), await world.sign_in()
    session = await world.boss.GetSession(id=by_itself.session_id)
    assert session.purge_time.seconds - session.expire_time.seconds == 30 * 86_400
    later = session.purge_time.seconds
    session = await world.boss.EndSession(id=ended.session_id)
    assert session.purge_time.seconds - session.end_time.seconds == 30 * 86_400
    assert later - session.purge_time.seconds > 29 * 86_400
    kept = {one: await world.admin.fetchval(f"select count(*) from {one}") for one in ("refresh_family", "secret")}
    assert await sweep(world) == 0
    await world.admin.execute(PAST, ended.session_id)
    assert await sweep(world) == 1
    for one, before in kept.items():
        assert await world.admin.fetchval(f"select count(*) from {one}") == before - 1, one
    assert await is_refused(world.nobody.RefreshToken(refresh_token=ended.refresh_token))
    assert await is_refused(world.nobody.ResumeSession(session_secret=ended.session_secret))
    assert await world.nobody.ResumeSession(session_secret=by_itself.session_secret)


async def test_a_user_goes_with_sessions_keys_and_password(world: World) -> None:
    ann = await world.user("ann", "Sales rep")
    theirs = await world.signed_in("ann")
    key = await world.boss.CreateApiKey(api_key={"display_name": "k", "user_id": ann.id, "scopes": ["contacts.*"]})
    assert await theirs.WhoAmI()
    assert await world.replica.as_(key.secret).WhoAmI()
    me = (await world.boss.WhoAmI()).principal.user_id
    await world.boss.DeactivateUser(id=ann.id, successor_id=me)
    await world.boss.DeleteUser(id=ann.id)
    await world.admin.execute(
        "update \"user\" set purge_time = now() - interval '1 minute', delete_time = now() where id = $1", ann.id
    )
    assert await sweep(world) == 1, "the key; the session still points at the user"
    await world.admin.execute("update session set purge_time = now() - interval '1 minute' where owner_id = $1", ann.id)
    assert await sweep(world) == 2
    for table, column in (("credential", "user_id"), ("session", "owner_id"), ("api_key", "user_id")):
        assert await world.admin.fetchval(f"select count(*) from {table} where {column} = $1", ann.id) == 0, table
    assert await world.admin.fetchval("select count(*) from secret where api_key_id = $1", key.api_key.id) == 0
    assert await is_refused(world.replica.as_(key.secret).WhoAmI())


async def test_the_cookie_of_a_session_is_no_api_key_and_the_other_way_round(world: World) -> None:
    key, signed = await world.boss.CreateApiKey(api_key={"display_name": "k"}), await world.sign_in()
    assert await is_refused(world.nobody.ResumeSession(session_secret=key.secret))
    assert await is_refused(world.replica.as_(signed.session_secret).WhoAmI())


async def test_s24_a_key_is_changed_when_it_is_a_month_old_once_and_no_call_fails(world: World) -> None:
    keys = world.replica.authority.keys
    old = (await world.sign_in()).access_token
    before = {key["kid"] for key in (await keys.jwks())["keys"]}
    await world.admin.execute(WORN, "29 days")
    await keys.keep()
    assert {key["kid"] for key in (await keys.jwks())["keys"]} == before
    await world.admin.execute(WORN, "31 days")
    async with replica(world.urls) as second:
        await keys.keep()
        await second.authority.keys.keep()
        after = {key["kid"] for key in (await keys.jwks())["keys"]}
        assert (len(before), len(after), len(after & before)) == (2, 3, 2), "once, and the next was public all along"
        assert {key["kid"] for key in (await second.authority.keys.jwks())["keys"]} == after
        new = (await world.sign_in()).access_token
        for token in (old, new):
            for each in (world.replica, second):
                assert await each.as_(token).WhoAmI()
        await world.admin.execute("update signing_key set end_time = now() where end_time is not null")
        await keys.keep()
        assert len((await keys.jwks())["keys"]) == 2, "the last token of the old one has ended"
