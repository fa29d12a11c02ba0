"""ID-19: what everybody chooses for themselves, and where it is told."""

from typing import Any
from uuid import UUID

import pytest

from chassis.testing.serving import refusal
from kith.identity.v1.user_pb2 import User
from kith.v1.values_pb2 import Weekday
from tests.identity.browser import FROM_US, before
from tests.identity.suite import PASSWORD, World, neighbour, until

CHOSEN: dict[str, Any] = {
    "locale": "de-AT",
    "time_zone": "Europe/Vienna",
    "date_format": "DAY_MONTH_YEAR",
    "number_format": "POINT_COMMA",
    "theme": "DARK",
    "first_day_of_week": "SUNDAY",
    "notification_channels": ["EMAIL"],
}


async def test_somebody_who_may_do_nothing_changes_what_is_their_own(world: World) -> None:
    ann = await world.user("ann")
    her = await world.signed_in("ann")
    assert (await refusal(her.UpdateUser(user={"id": ann.id, "theme": "DARK"}))).code == "PERMISSION_DENIED"
    await her.UpdateMyPreferences(user=CHOSEN)
    read = await world.boss.GetUser(id=ann.id)
    for name, value in CHOSEN.items():
        assert getattr(read, name) == getattr(User(**{name: value}), name)
    assert (read.updater_id, read.display_name) == (ann.id, "ann")


async def test_only_what_is_named_changes_and_a_named_one_is_cleared(world: World) -> None:
    await world.user("ann")
    her = await world.signed_in("ann")
    first = await her.UpdateMyPreferences(user=CHOSEN)
    second = await her.UpdateMyPreferences(user={"theme": "LIGHT"}, update_mask={"paths": ["theme", "locale"]})
    assert (second.theme, second.locale, second.time_zone) == (User.LIGHT, "", "Europe/Vienna")
    assert (await refusal(her.UpdateMyPreferences(user={"theme": "DARK", "etag": first.etag}))).reason == "STALE_ETAG"
    trial = await her.UpdateMyPreferences(user={"theme": "DARK"}, validate_only=True)
    same = await her.UpdateMyPreferences(user={"theme": "LIGHT"}, request_id="one")
    assert (trial.theme, same.etag) == (User.DARK, second.etag)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"display_name": "Boss"}, "update_mask"),
        ({"role_ids": ["01980000-0000-7000-8000-000000000001"]}, "update_mask"),
        ({"time_zone": "Mars/Base"}, "user.time_zone"),
        ({"locale": "not a language"}, "user.locale"),
        ({"theme": 77}, "user.theme"),
        ({"notification_channels": ["EMAIL", "EMAIL"]}, "user.notification_channels"),
        ({"notification_channels": [0]}, "user.notification_channels[0]"),
        ({"theme": "DARK", "id": "01980000-0000-7000-8000-000000000001"}, "user.id"),
    ],
)
async def test_nothing_else_is_set_that_way_and_nothing_that_is_no_preference(
    world: World, given: dict[str, Any], field: str
) -> None:
    ann = await world.user("ann")
    her = await world.signed_in("ann")
    refused = await refusal(her.UpdateMyPreferences(user=given))
    assert (refused.code, [*refused.fields]) == ("INVALID_ARGUMENT", [field])
    assert (await world.boss.GetUser(id=ann.id)).etag == ann.etag


async def test_a_key_changes_nobodys_preferences(world: World) -> None:
    key = (await world.boss.CreateApiKey(api_key={"display_name": "k"})).secret
    assert (await refusal(world.replica.as_(key).UpdateMyPreferences(user={"theme": "DARK"}))).reason == "SIGN_IN_AGAIN"
    assert (await refusal(world.nobody.UpdateMyPreferences(user={"theme": "DARK"}))).code == "UNAUTHENTICATED"


async def test_other_services_hear_what_they_need_within_seconds(world: World) -> None:
    """Language, zone and week change what a service answers; it keeps principals until it is told otherwise."""
    ann = await world.user("ann")
    token = (await world.sign_in("ann@acme.example")).access_token
    async with neighbour(world.replica) as (there, _):

        async def known() -> Any:
            return await there.authenticate([("authorization", f"Bearer {token}")])

        assert ((await known()).first_weekday, (await known()).locale) == (1, "")
        await world.replica.as_(token).UpdateMyPreferences(user={"first_day_of_week": "SUNDAY"})

        async def heard() -> bool:
            return bool((await known()).first_weekday == 7)

        await until(heard)
        await world.replica.as_(token).UpdateMyPreferences(user=CHOSEN)

        async def all_heard() -> bool:
            caller = await known()
            return (caller.locale, caller.time_zone.key) == ("de-AT", "Europe/Vienna")

        await until(all_heard)
        principal = await world.caller_of(ann)
        assert (principal.first_day_of_week, UUID(principal.user_id)) == (Weekday.SUNDAY, UUID(ann.id))


async def test_a_browser_reads_them_with_its_session_and_changes_them(world: World) -> None:
    await world.user("ann")
    async with before(world) as suite, suite.browser() as browser:
        reply = await browser.http.post(
            "/v1/session", json={"email": "ann@acme.example", "password": PASSWORD}, headers=FROM_US
        )
        proof = FROM_US | {"x-kith-csrf": reply.json()["csrfToken"]}
        session = (await browser.http.get("/v1/session")).json()
        assert session["notificationChannels"] == ["IN_APP"]  # who chose none is told there
        changed = await browser.http.patch(
            "/v1/users:updateMyPreferences",
            json={"theme": "DARK", "numberFormat": "SPACE_COMMA", "firstDayOfWeek": "SATURDAY"},
            headers=proof,
        )
        assert changed.status_code == 200, changed.text

        async def shown() -> bool:
            told = (await browser.http.get("/v1/session")).json()
            found = told["theme"], told["numberFormat"], told["principal"]["firstDayOfWeek"]
            return found == ("DARK", "SPACE_COMMA", "SATURDAY")

        await until(shown)
        cleared = await browser.http.patch("/v1/users:updateMyPreferences", json={"theme": None}, headers=proof)
        assert (cleared.json()["theme"], cleared.json()["numberFormat"]) == ("THEME_UNSPECIFIED", "SPACE_COMMA")
