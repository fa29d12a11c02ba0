"""S18: links in mails are good once, for one purpose and a while, and tell nobody anything (ID-03, ID-15)."""

import asyncio
from typing import Any

import grpc
import pytest

from chassis.testing.serving import Refused, refusal
from identity.authentication.passwords import Passwords
from tests.identity.letters import Letters, carrying
from tests.identity.suite import ADMIN_EMAIL, OTHER_PASSWORD, PASSWORD, World, is_refused, replica, until

ANN, NEW = "ann@acme.example", "ann@new.example"
LINK_REFUSED = Refused("INVALID_ARGUMENT", "LINK_REFUSED", {"token": "opens nothing"})
SIGN_IN_REFUSED = Refused("UNAUTHENTICATED", "SIGN_IN_REFUSED")


async def invited(world: World, **fields: Any) -> Any:
    return await world.boss.InviteUser(user={"email": "Ann@Acme.example", "display_name": "Ann"} | fields)


async def asked_for_reset(world: World, letters: Letters, email: str = ANN) -> str:
    await world.nobody.RequestPasswordReset(email=email)
    return await letters.token(email)


async def age(world: World, minutes: int) -> None:
    await world.admin.execute("update link set expire_time = expire_time - make_interval(mins => $1)", minutes)


async def test_id03_an_invited_user_chooses_a_password_and_works(world: World) -> None:
    async with carrying(world) as letters:
        ann = await invited(world, role_ids=[world.roles["Sales rep"]])
        assert (ann.email, ann.state) == (ANN, ann.INVITED)
        assert await refusal(world.sign_in(ANN)) == SIGN_IN_REFUSED
        host, page, token = await letters.link(ANN)
        assert (host, page) == ("http://127.0.0.1:8080", "invitation")
        assert (await world.nobody.AcceptInvitation(token=token, password=PASSWORD)).email == ANN
        signed = await world.sign_in(ANN)
        assert (await world.replica.as_(signed.access_token).WhoAmI()).display_name == "Ann"
        assert await refusal(world.nobody.AcceptInvitation(token=token, password=OTHER_PASSWORD)) == LINK_REFUSED
    rows = await world.admin.fetch("select type from outbox where type like 'kith.identity.user.%' order by position")
    assert [row["type"] for row in rows if "created" not in row["type"]] == [
        "kith.identity.user.invited.v1",
        "kith.identity.user.activated.v1",
    ]


async def test_id03_an_invitation_sent_again_makes_the_earlier_one_void(world: World) -> None:
    async with carrying(world) as letters:
        ann = await invited(world)
        first = await letters.token(ANN)
        await world.boss.ResendInvitation(id=ann.id)
        second = await letters.token(ANN)
        assert await refusal(world.nobody.AcceptInvitation(token=first, password=PASSWORD)) == LINK_REFUSED
        await world.nobody.AcceptInvitation(token=second, password=PASSWORD)
        assert (await refusal(world.boss.ResendInvitation(id=ann.id))).reason == "WRONG_STATE"


async def test_nobody_invites_one_who_may_do_more_and_a_trial_sends_nothing(world: World) -> None:
    async with carrying(world) as letters:
        grants = [{"permission": "identity.user.invite", "reach": "TENANT"}]
        role = await world.boss.CreateRole(role={"display_name": "Inviter", "grants": grants})
        await world.user("eve", role_ids=[role.id])
        eve = await world.signed_in("eve")
        asked = {"email": ANN, "display_name": "Ann", "role_ids": [world.roles["Admin"]]}
        assert (await refusal(eve.InviteUser(user=asked))).reason == "GRANT_TOO_WIDE"
        await world.boss.InviteUser(user={"email": ANN, "display_name": "Ann"}, validate_only=True)
        assert await letters.to(ANN) == []


async def test_s18_a_reset_sets_the_password_ends_all_sessions_and_is_told(world: World) -> None:
    await world.user("ann", "Sales rep")
    old = await world.signed_in("ann")
    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters, "  ANN@acme.example ".strip().lower())
        await world.nobody.ResetPassword(token=token, password=OTHER_PASSWORD)
        await until(lambda: is_refused(old.WhoAmI()), 30)
        assert await refusal(world.sign_in(ANN)) == SIGN_IN_REFUSED
        assert (await world.sign_in(ANN, OTHER_PASSWORD)).session_id
        assert "password was changed" in (await letters.to(ANN))[-1]["Subject"]
        assert await refusal(world.nobody.ResetPassword(token=token, password=PASSWORD)) == LINK_REFUSED


async def test_s18_of_two_who_use_a_link_at_once_one_wins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen that it is good before either uses it."""
    await world.user("ann", "Sales rep")
    both, hashing = asyncio.Barrier(2), Passwords.new

    async def together(self: Passwords, *given: Any) -> str:
        await both.wait()
        return await hashing(self, *given)

    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters)
        monkeypatch.setattr(Passwords, "new", together)
        outcomes = await asyncio.gather(
            world.nobody.ResetPassword(token=token, password=PASSWORD + " one"),
            world.nobody.ResetPassword(token=token, password=PASSWORD + " two"),
            return_exceptions=True,
        )
    (lost,) = (one for one in outcomes if isinstance(one, grpc.aio.AioRpcError))
    assert lost.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await world.admin.fetchval("select count(*) from link") == 0


@pytest.mark.parametrize("minutes", [31, 600])
async def test_s18_a_link_ends_by_itself(world: World, minutes: int) -> None:
    await world.user("ann", "Sales rep")
    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters)
        await age(world, 29)
        assert (await refusal(world.nobody.ResetPassword(token=token, password="short"))).reason == "WEAK_PASSWORD"
        await age(world, minutes - 29)
        assert await refusal(world.nobody.ResetPassword(token=token, password=OTHER_PASSWORD)) == LINK_REFUSED


async def test_s18_a_link_is_good_for_one_purpose(world: World) -> None:
    await world.user("ann", "Sales rep")
    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters)
        told = [
            await refusal(world.nobody.AcceptInvitation(token=token, password=OTHER_PASSWORD)),
            await refusal(world.nobody.ConfirmEmailChange(token=token)),
            await refusal(world.nobody.ResetPassword(token=token + "x", password=OTHER_PASSWORD)),
            await refusal(world.nobody.ResetPassword(token="klk_never", password=OTHER_PASSWORD)),
        ]
        assert told == [LINK_REFUSED] * 4
        assert len({one.message for one in told}) == 1
        await world.nobody.ResetPassword(token=token, password=OTHER_PASSWORD)


@pytest.mark.parametrize("verb", ["SuspendUser", "DeleteUser"])
async def test_s18_a_link_of_one_who_may_not_work_any_more_opens_nothing(world: World, verb: str) -> None:
    ann = await world.user("ann", "Sales rep")
    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters)
        await getattr(world.boss, verb)(id=ann.id)
        assert await refusal(world.nobody.ResetPassword(token=token, password=OTHER_PASSWORD)) == LINK_REFUSED


async def test_s18_only_active_users_are_sent_a_link(world: World) -> None:
    ann, bob = await world.user("ann"), await world.user("bob")
    await world.boss.SuspendUser(id=ann.id)
    async with carrying(world) as letters:
        for email in (ANN, "bob@acme.example", "nobody@acme.example"):
            await world.nobody.RequestPasswordReset(email=email)
        reset = [str(one["To"]) for one in await letters.to(bob.email) if "Set a new" in one["Subject"]]
        assert reset == [bob.email]
        assert not any("Set a new" in one["Subject"] for one in await letters.to(ANN))


async def test_s18_the_host_of_a_link_is_what_the_operator_said(world: World) -> None:
    world.replica.authority.public_url = "https://crm.example"
    await world.user("ann", "Sales rep")
    async with carrying(world) as letters:
        await world.nobody.RequestPasswordReset(email=ANN)
        host, page, _ = await letters.link(ANN)
        assert (host, page) == ("https://crm.example", "reset")


async def test_s18_only_the_digest_of_a_link_is_kept(world: World) -> None:
    await world.user("ann", "Sales rep")
    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters)
        for table in ("link", "job"):
            rows = await world.admin.fetch(f"select t::text as text from {table} t")
            assert rows
            for form in (token, token.encode().hex()):
                assert not any(form in row["text"] for row in rows), table


async def test_a_new_email_is_the_users_once_the_link_sent_there_is_followed(world: World) -> None:
    await world.user("ann", "Sales rep")
    her = await world.signed_in("ann")
    async with carrying(world) as letters:
        wrong = await refusal(her.RequestEmailChange(email=NEW, current_password="wrong"))
        assert (wrong.code, [*wrong.fields]) == ("INVALID_ARGUMENT", ["current_password"])
        reset = await asked_for_reset(world, letters)
        await her.RequestEmailChange(email=NEW.upper(), current_password=PASSWORD)
        _, page, token = await letters.link(NEW)
        assert page == "confirm-email"
        assert (await world.sign_in(ANN)).session_id  # nothing changed so far
        await world.nobody.ConfirmEmailChange(token=token)
        await until(lambda: is_refused(her.WhoAmI()), 30)
        assert (await world.sign_in(NEW)).session_id
        assert await refusal(world.sign_in(ANN)) == SIGN_IN_REFUSED
        assert NEW in (await letters.to(ANN))[-1].get_content()
        assert await refusal(world.nobody.ConfirmEmailChange(token=token)) == LINK_REFUSED
        assert await refusal(world.nobody.ResetPassword(token=reset, password=OTHER_PASSWORD)) == LINK_REFUSED


async def test_s18_an_email_that_somebody_has_is_refused_as_any_link_and_not_told_when_it_is_asked_for(
    world: World,
) -> None:
    await world.user("ann", "Sales rep")
    her = await world.signed_in("ann")
    async with carrying(world) as letters:
        await her.RequestEmailChange(email=ADMIN_EMAIL, current_password=PASSWORD)
        token = await letters.token(ADMIN_EMAIL)
        assert await refusal(world.nobody.ConfirmEmailChange(token=token)) == LINK_REFUSED
        assert (await her.WhoAmI()).email == ANN


async def test_where_links_are_sent_is_changed_by_nobody_who_may_do_less(world: World) -> None:
    grants = [{"permission": "identity.user.*", "reach": "TENANT"}]
    role = await world.boss.CreateRole(role={"display_name": "Helpdesk", "grants": grants})
    helper = await world.user("help", role_ids=[role.id])
    eve, boss = await world.signed_in("help"), (await world.boss.WhoAmI()).principal.user_id

    def moved(id: str) -> Any:
        return eve.UpdateUser(user={"id": id, "email": "eve@evil.example"}, update_mask={"paths": ["email"]})

    assert (await refusal(moved(boss))).reason == "GRANT_TOO_WIDE"
    own = await refusal(moved(helper.id))
    assert (own.code, [*own.fields]) == ("INVALID_ARGUMENT", ["user.email"])
    ann = await world.user("ann")
    async with carrying(world) as letters:
        reset = await asked_for_reset(world, letters)
        await moved(ann.id)
        assert "eve@evil.example" in (await letters.to(ANN))[-1].get_content()
        assert await refusal(world.nobody.ResetPassword(token=reset, password=OTHER_PASSWORD)) == LINK_REFUSED


async def test_sessions_are_listed_and_ended_ones_own_and_by_an_admin(world: World) -> None:
    """ID-15"""
    ann = await world.user("ann", "Sales rep")
    first, second, eve = (
        await world.signed_in("ann"),
        await world.signed_in("ann"),
        await world.user("eve", "Sales rep"),
    )
    listed = (await first.ListSessions(filter="state = ACTIVE")).sessions
    assert (len(listed), {one.owner_id for one in listed}) == (2, {ann.id})
    await first.EndSessions(id=ann.id)
    await until(lambda: is_refused(second.WhoAmI()), 30)
    assert (await first.WhoAmI()).display_name == "ann"  # the one it was asked in goes on
    assert (await refusal(first.EndSessions(id=eve.id))).code == "PERMISSION_DENIED"
    await world.boss.EndSessions(id=ann.id)
    await until(lambda: is_refused(first.WhoAmI()), 30)


async def test_id15_a_weak_password_is_refused_wherever_one_is_set(world: World) -> None:
    password = "password1234"
    ann = await world.user("ann", "Sales rep")
    async with carrying(world) as letters:
        token = await asked_for_reset(world, letters)
        her = await world.signed_in("ann")
        told = [
            await refusal(world.boss.SetPassword(id=ann.id, password=password)),
            await refusal(her.SetPassword(id=ann.id, password=password, current_password=PASSWORD)),
            await refusal(world.nobody.ResetPassword(token=token, password=password)),
        ]
        assert {(one.code, one.reason, *one.fields) for one in told} == {
            ("INVALID_ARGUMENT", "WEAK_PASSWORD", "password")
        }
        await world.nobody.ResetPassword(token=token, password=OTHER_PASSWORD)  # the link is good still


async def test_id15_a_tenant_may_ask_for_more(world: World) -> None:
    policy = {"id": world.tenant.id, "security_policy": {"password_min_length": 24}}
    await world.boss.UpdateTenant(tenant=policy, update_mask={"paths": ["security_policy"]})
    ann = await world.boss.CreateUser(user={"email": ANN, "display_name": "Ann"})
    told = await refusal(world.boss.SetPassword(id=ann.id, password=PASSWORD))
    assert told.fields == {"password": "has fewer than 24 characters"}
    await world.boss.SetPassword(id=ann.id, password=PASSWORD + " staple")


async def test_s18_a_link_works_at_any_replica(world: World) -> None:
    await world.user("ann", "Sales rep")
    async with carrying(world) as letters, replica(world.urls) as other:
        token = await asked_for_reset(world, letters)
        await other.as_("").ResetPassword(token=token, password=OTHER_PASSWORD)
        assert (await world.sign_in(ANN, OTHER_PASSWORD)).session_id
