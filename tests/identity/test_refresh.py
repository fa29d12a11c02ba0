"""S25: a refresh token is good once; a lost reply costs nothing, a thief costs the session."""

import asyncio
import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import pytest

from chassis.testing.serving import Refused, refusal
from tests.identity.suite import World, is_refused, until

UNAUTHENTICATED = Refused("UNAUTHENTICATED", "UNAUTHENTICATED")


async def refresh(world: World, token: str) -> Any:
    return await world.nobody.RefreshToken(refresh_token=token)


async def age(world: World, seconds: int) -> None:
    """The newest token came so much earlier."""
    earlier = "update refresh_family set turn_time = turn_time - $1::interval"
    await world.admin.execute(earlier, timedelta(seconds=seconds))


async def test_each_token_leads_to_the_next(world: World) -> None:
    token = (await world.sign_in()).refresh_token
    seen = {token}
    for _ in range(3):
        answer = await refresh(world, token)
        token = answer.refresh_token
        assert (await world.replica.as_(answer.access_token).WhoAmI()).email
        seen.add(token)
    assert len(seen) == 4


async def test_within_the_grace_all_get_the_same_successor(world: World) -> None:
    token = (await world.sign_in()).refresh_token
    answers = await asyncio.gather(*(refresh(world, token) for _ in range(8)))
    await age(world, 4)  # of ten seconds, some of which pass here
    answers.append(await refresh(world, token))
    assert len({answer.refresh_token for answer in answers}) == 1
    assert (await refresh(world, answers[0].refresh_token)).access_token


async def test_later_reuse_ends_the_session_and_its_whole_family(world: World) -> None:
    signed = await world.sign_in()
    following = await refresh(world, signed.refresh_token)
    await age(world, 11)
    assert await refusal(refresh(world, signed.refresh_token)) == UNAUTHENTICATED
    assert await refusal(refresh(world, following.refresh_token)) == UNAUTHENTICATED
    assert await refusal(world.nobody.ResumeSession(session_secret=signed.session_secret)) == UNAUTHENTICATED
    await until(lambda: is_refused(world.replica.as_(following.access_token).WhoAmI()))
    ended = await world.boss.GetSession(id=signed.session_id)
    assert ended.State.Name(ended.state) == "ENDED"
    types = [row["type"] for row in await world.admin.fetch("select type from outbox order by position")]
    assert types[-1] == "kith.identity.session.ended.v1"


async def test_one_of_two_generations_ago_is_reuse_at_once(world: World) -> None:
    first = (await world.sign_in()).refresh_token
    third = (await refresh(world, (await refresh(world, first)).refresh_token)).refresh_token
    assert await refusal(refresh(world, first)) == UNAUTHENTICATED
    assert await refusal(refresh(world, third)) == UNAUTHENTICATED


@pytest.mark.parametrize("ends", ["time", "end", "suspend", "tenant"])
async def test_with_the_session_its_tokens_end(world: World, ends: str) -> None:
    user = await world.user("ann", "Sales rep")
    signed = await world.sign_in("ann@acme.example")
    match ends:
        case "time":
            await world.admin.execute("update session set expire_time = now() - interval '1 second'")
        case "end":
            await world.boss.EndSession(id=signed.session_id)
        case "suspend":
            await world.boss.SuspendUser(id=user.id)
        case "tenant":
            await world.admin.execute("update tenant set state = 'SUSPENDED'")
    told = replace(UNAUTHENTICATED, reason="TENANT_SUSPENDED") if ends == "tenant" else UNAUTHENTICATED
    assert await refusal(refresh(world, signed.refresh_token)) == told
    assert await refusal(world.nobody.ResumeSession(session_secret=signed.session_secret)) == told
    await until(lambda: is_refused(world.replica.as_(signed.access_token).WhoAmI()))


async def test_the_cookies_secret_gives_access_tokens_and_nothing_else_does(world: World) -> None:
    signed = await world.sign_in()
    resumed = await world.nobody.ResumeSession(session_secret=signed.session_secret)
    assert (resumed.session_id, resumed.session_expire_time) == (signed.session_id, signed.session_expire_time)
    assert (await world.replica.as_(resumed.access_token).WhoAmI()).email
    key = (await world.boss.CreateApiKey(api_key={"display_name": "k"})).secret
    for secret in (signed.refresh_token, signed.access_token[:200], "kss_" + "x" * 43, key):
        assert await refusal(world.nobody.ResumeSession(session_secret=secret)) == UNAUTHENTICATED
    forged = signed.refresh_token[:-3] + ("AAA" if signed.refresh_token[-3:] != "AAA" else "BBB")
    newer = base64.b64decode(signed.refresh_token[4:], b"-_")
    newer = newer[:39] + b"\2" + newer[40:]  # the next generation, without its proof
    guessed = "krt_" + base64.urlsafe_b64encode(newer).decode()
    for secret in (signed.session_secret, "krt_" + "x" * 96, forged, guessed, "'; drop table refresh_family; --"):
        assert await refusal(refresh(world, secret)) == UNAUTHENTICATED


async def test_s16_a_refresh_token_or_a_session_secret_is_no_access_token(world: World) -> None:
    signed = await world.sign_in()
    for secret in (signed.refresh_token, signed.session_secret):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await world.replica.as_(secret).WhoAmI()
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
