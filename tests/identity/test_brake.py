"""S21: guessing is slowed down at every door, and never shuts out the one whose account it is."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from chassis.testing.serving import refusal
from identity.authentication.brake import GUESSES, RESETS, WINDOW, Allowance
from tests.identity.suite import ADMIN_EMAIL, World
from tests.size import WHOLE

TRIES = 10_000 if WHOLE else 200
ALLOWED_AN_HOUR = 100


async def reasons(*calls: Awaitable[Any]) -> list[str]:
    return [(await refusal(call)).reason for call in calls]


async def an_hour_in_windows(world: World) -> None:
    """One window passes, as far as the table knows."""
    await world.admin.execute("update sign_in_attempt set create_time = create_time - $1::interval", WINDOW)


async def test_s21_of_many_guesses_from_everywhere_few_are_looked_at_and_the_owner_gets_in(world: World) -> None:
    mine = await world.sign_in()
    looked_at = 0
    for _ in range(4):
        said = [
            (await refusal(world.sign_in(password=f"guess {number}", client_address=f"evil {number}"))).reason
            for number in range(TRIES // 4)
        ]
        assert set(said) == {"SIGN_IN_REFUSED", "TOO_MANY_ATTEMPTS"}
        looked_at += said.count("SIGN_IN_REFUSED")
        assert (await refusal(world.sign_in(client_address="elsewhere"))).reason == "TOO_MANY_ATTEMPTS"
        assert (await world.sign_in(client_address="anywhere", device_token=mine.device_token)).session_id
        await an_hour_in_windows(world)
    assert looked_at == 4 * GUESSES.at_an_account


def test_s21_strangers_and_a_known_device_together_have_less_than_a_hundred_an_hour() -> None:
    windows = 3600 / WINDOW.total_seconds()
    assert windows * (GUESSES.at_an_account + GUESSES.at_one_account) < ALLOWED_AN_HOUR


async def test_s21_many_at_once_are_counted_one_by_one(world: World) -> None:
    """Without the lock each would see the others uncounted."""
    guesses = [refusal(world.sign_in(password="guess", client_address=f"evil {number}")) for number in range(24)]
    said = [one.reason for one in await asyncio.gather(*guesses)]
    assert said.count("SIGN_IN_REFUSED") == GUESSES.at_an_account


async def test_s21_a_device_that_is_known_guesses_only_so_often_too(world: World) -> None:
    device = (await world.sign_in()).device_token
    guesses = [world.sign_in(password="guess", device_token=device, client_address=f"{n}") for n in range(9)]
    assert await reasons(*guesses) == ["SIGN_IN_REFUSED"] * GUESSES.at_one_account + ["TOO_MANY_ATTEMPTS"]


async def test_s21_a_success_makes_the_failures_of_its_place_forgotten(world: World) -> None:
    for _ in range(3):
        guesses = [world.sign_in(password="guess", client_address="home") for _ in range(GUESSES.at_one_account - 1)]
        assert set(await reasons(*guesses)) == {"SIGN_IN_REFUSED"}
        assert (await world.sign_in(client_address="home")).session_id


async def test_s21_a_device_is_known_by_a_token_of_ours_for_this_account_only(world: World) -> None:
    await world.user("ann")
    mine, hers = (await world.sign_in()).device_token, (await world.sign_in("ann@acme.example")).device_token
    altered = mine[:-2] + ("AA" if mine[-2:] != "AA" else "BB")
    for number in range(GUESSES.at_an_account):
        await refusal(world.sign_in(password="guess", client_address=f"evil {number}"))
    for token in ("", "kdv_", "kdv_x", "kdv_" + "A" * 64, "€", hers, altered):
        told = await refusal(world.sign_in(device_token=token, client_address="new"))
        assert told.reason == "TOO_MANY_ATTEMPTS", token
    assert (await world.sign_in(device_token=mine, client_address="new")).session_id


async def test_s21_one_address_guesses_at_many_accounts_only_so_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = (await world.sign_in()).device_token
    monkeypatch.setattr("identity.authentication.brake.GUESSES", Allowance(8, 5, 15))
    for number in range(5):
        await refusal(world.sign_in(f"user{number}@acme.example", client_address="evil"))
    assert (await refusal(world.sign_in("other@acme.example", client_address="evil"))).reason == "TOO_MANY_ATTEMPTS"
    assert (await world.sign_in(client_address="evil", device_token=device)).session_id


async def test_s21_ones_own_password_is_guessed_in_a_stolen_session_only_so_often(world: World) -> None:
    me = (await world.boss.WhoAmI()).principal.user_id
    asked = {"id": me, "password": "another long password", "current_password": "guess"}
    said = [(await refusal(world.boss.SetPassword(**asked))).code for _ in range(GUESSES.at_one_account + 1)]
    assert said == ["INVALID_ARGUMENT"] * GUESSES.at_one_account + ["RESOURCE_EXHAUSTED"]
    change = world.boss.RequestEmailChange(email="eve@evil.example", current_password="guess")
    assert (await refusal(change)).reason == "TOO_MANY_ATTEMPTS"


async def test_s21_links_are_asked_for_only_so_often_whether_there_is_an_account_or_not(world: World) -> None:
    for email in (ADMIN_EMAIL, "nobody@acme.example"):
        for number in range(RESETS.at_an_account):
            await world.nobody.RequestPasswordReset(email=email, client_address=f"evil {number}")
        stopped = await refusal(world.nobody.RequestPasswordReset(email=email, client_address="evil"))
        assert stopped.reason == "TOO_MANY_ATTEMPTS"
        assert await world.admin.fetchval("select count(*) from job where kind = 'send_password_reset'")
