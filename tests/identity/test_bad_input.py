"""No bad input ends in INTERNAL, and only what is meant to be public answers to nobody."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.testing.bad_input import never_internal
from chassis.testing.serving import Served, refusal
from identity.app import SERVICE
from identity.authentication.brake import Allowance
from kith.v1 import options_pb2
from tests.identity.suite import KEYS, METHODS, World

PUBLIC = {
    *("SignIn", "RefreshToken", "ResumeSession", "GetJwks"),
    *("AcceptInvitation", "RequestPasswordReset", "ResetPassword", "ConfirmEmailChange"),
    *("FindIdentityProviders", "StartSso", "CompleteSso"),
}


def served(world: World, **people: str) -> Served:
    """What the property test asks for, with tokens where it expects names."""
    as_ = lambda name: world.replica.as_(people[name])  # noqa: E731  # one line of a stand-in
    return cast(Served, SimpleNamespace(as_=as_, methods=METHODS))


@pytest.mark.parametrize("who", ["admin", "service", "platform"])
async def test_no_bad_input_ends_in_internal(world: World, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity.authentication.brake.GUESSES", Allowance(10_000, 10_000, 10_000))
    ann = await world.user("ann", "Sales rep")
    key = await world.boss.CreateApiKey(api_key={"display_name": "k"})
    team = await world.boss.CreateTeam(team={"display_name": "North"})
    people = {"admin": key.secret, "service": KEYS["sales"], "platform": KEYS["platform"]}
    ids = [world.tenant.id, ann.id, team.id, key.api_key.id, world.roles["Viewer"]]
    await never_internal(served(world, **people), who, ids, examples=300 if who == "admin" else 100)


async def test_s04_nobody_gets_an_answer_but_from_what_is_public(world: World) -> None:
    asked = [name for name, method in METHODS.items() if not method.descriptor.server_streaming and name != "GetJwks"]
    told = {name: (await refusal(getattr(world.nobody, name)())).code for name in asked}
    assert {name for name, code in told.items() if code != "UNAUTHENTICATED"} == PUBLIC - {"GetJwks", "CompleteSso"}


def test_the_public_ones_are_those() -> None:
    said: dict[str, Any] = {
        name: method.descriptor.GetOptions().Extensions[options_pb2.access] for name, method in METHODS.items()
    }
    assert {name for name, access in said.items() if access.public} == PUBLIC
    assert SERVICE.name == "identity"
