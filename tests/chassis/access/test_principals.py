"""S17: who somebody is, is asked once, and again when identity says it changed or nobody knows what it said."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial

import pytest

from chassis.access import watch as watching
from chassis.access.keys import PublicKeys
from chassis.access.principals import Principals
from chassis.access.watch import Change, watch
from chassis.errors import Unavailable
from tests.chassis.access.authority import ANN, BOB, TENANT, Authority, bearer


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # there is no event to wait for: it is the outcome that is looked at
            await asyncio.sleep(0.001)


@pytest.fixture
def authority() -> Authority:
    return Authority()


async def settled(authority: Authority) -> None:
    """Until the watcher has read what was put into the stream."""
    await until(authority.changes.empty)
    for _ in range(5):
        await asyncio.sleep(0)


def listening(principals: Principals) -> bool:
    return principals._listening


async def test_a_principal_is_asked_once_for_all_its_tokens(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    for number in range(3):
        await authenticate(bearer(authority.token(jti=str(number))))
    assert authority.asked == 1


async def test_concurrent_calls_share_one_question(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    await asyncio.gather(*(authenticate(bearer(authority.token())) for _ in range(20)))
    assert authority.asked == 1


async def test_one_who_gives_up_waiting_takes_nobody_along(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    authority.ready.clear()
    first, second = (asyncio.create_task(authenticate(bearer(authority.token()))) for _ in range(2))
    await until(lambda: authority.asked == 1)
    first.cancel()
    authority.ready.set()
    assert (await second).user_id == ANN


async def test_a_newer_token_asks_again(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    await authenticate(bearer(authority.token()))
    authority.version = 2
    assert (await authenticate(bearer(authority.token(version=2)))).version == 2
    assert authority.asked == 2


async def test_s17_a_change_is_heard_by_user_and_by_tenant(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    task = asyncio.create_task(watch(authority.stream, principals, PublicKeys(authority.keys)))
    await until(lambda: listening(principals))
    for user in (ANN, BOB):
        await authenticate(bearer(authority.token(user)))
    authority.changes.put_nowait((TENANT, ANN))
    await settled(authority)
    for user in (ANN, BOB):
        await authenticate(bearer(authority.token(user)))
    assert authority.asked == 3
    authority.changes.put_nowait((TENANT, None))
    await settled(authority)
    for user in (ANN, BOB):
        await authenticate(bearer(authority.token(user)))
    assert authority.asked == 5
    task.cancel()


@pytest.mark.parametrize("key", [True, False])
async def test_an_answer_overtaken_by_a_change_is_used_once(authority: Authority, key: bool) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    secret = "kith_abc_" + "a" * 30 if key else authority.token()
    authority.ready.clear()
    asking = asyncio.create_task(authenticate(bearer(secret)))
    await until(lambda: authority.asked == 1)
    principals.forget(TENANT, ANN)
    authority.ready.set()
    assert (await asking).user_id == ANN
    await authenticate(bearer(secret))
    assert authority.asked == 2


async def test_one_who_asks_after_the_change_gets_no_answer_from_before(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    authority.ready.clear()
    early = asyncio.create_task(authenticate(bearer(authority.token())))
    await until(lambda: authority.asked == 1)
    principals.forget(TENANT, ANN)
    authority.version = 2
    late = asyncio.create_task(authenticate(bearer(authority.token())))
    await until(lambda: authority.asked == 2)
    authority.ready.set()
    assert [(await early).version, (await late).version] == [1, 2]


async def test_while_the_stream_is_down_the_known_go_on_and_nobody_new_is_kept(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    principals.listening()
    await authenticate(bearer(authority.token(ANN)))
    principals.deaf()
    for _ in range(2):
        await authenticate(bearer(authority.token(ANN)))
        await authenticate(bearer(authority.token(BOB)))
    assert authority.asked == 3
    authority.away = True
    await authenticate(bearer(authority.token(ANN)))
    with pytest.raises(Unavailable):
        await authenticate(bearer(authority.token(BOB)))


async def test_when_a_broken_stream_is_back_all_from_before_is_dropped(authority: Authority) -> None:
    authenticate, principals = authority.parts()
    task = asyncio.create_task(watch(authority.stream, principals, PublicKeys(authority.keys)))
    await until(lambda: listening(principals))
    await authenticate(bearer(authority.token()))
    authority.away = True
    authority.changes.put_nowait("break")
    await until(lambda: not listening(principals))
    await authenticate(bearer(authority.token()))
    assert authority.asked == 1
    authority.away = False
    await until(lambda: listening(principals))
    await authenticate(bearer(authority.token()))
    assert authority.asked == 2
    task.cancel()


async def test_a_silent_stream_counts_as_broken(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SILENCE_SECONDS", 0.02)
    _, principals = authority.parts()
    task = asyncio.create_task(watch(authority.stream, principals, PublicKeys(authority.keys)))
    await until(lambda: listening(principals))
    await until(lambda: not listening(principals))  # no heartbeat came
    await until(lambda: listening(principals))  # and it was opened anew
    task.cancel()


async def test_a_stream_that_never_opens_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SILENCE_SECONDS", 0.02)
    opened = []

    async def mute() -> AsyncGenerator[Change, None]:
        opened.append(1)
        await asyncio.Event().wait()
        yield None

    task = asyncio.create_task(watch(mute, Principals(), PublicKeys(Authority().keys)))
    await until(lambda: len(opened) == 3)
    task.cancel()


async def test_an_api_key_is_asked_for_again_after_a_minute(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.access.authenticator.KEY_SECONDS", 0.02)
    authenticate, principals = authority.parts()
    principals.listening()
    key = bearer("kith_abc_" + "a" * 30)
    for _ in range(3):
        await authenticate(key)
    assert authority.asked == 1
    await asyncio.sleep(0.03)
    await authenticate(key)
    assert authority.asked == 2
    principals.forget(TENANT, ANN)
    await authenticate(key)
    assert authority.asked == 3


async def test_what_is_dropped_for_room_leaves_nothing_behind(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, principals = authority.parts()
    principals._kept._size = 1
    principals.listening()
    for user in (ANN, BOB):
        await principals.get(user, partial(authority.principal, TENANT, user, None), (TENANT, user))
    assert dict(principals._keys_of[TENANT]) == {BOB: {BOB}}
