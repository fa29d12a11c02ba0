"""What of a provider's claims we go by: only what has the shape it should have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from identity.identity_provider import rules
from identity.user.rules import normal_email
from kith.identity.v1.identity_provider_pb2 import IdentityProvider

LONGEST_EMAIL, LONGEST_NAME, LONGEST_PART, MOST_GROUPS = 320, 200, 100, 5000


@dataclass(frozen=True, slots=True)
class Person:
    """`groups` is None where nothing was said of them, which is no reason to take anything away."""

    subject: str
    email: str
    email_is_verified: bool
    display_name: str
    family_name: str
    given_name: str
    groups: frozenset[str] | None
    showed_two_factors: bool  # as the provider says (`amr`, RFC 8176)


def person_of(claims: Mapping[str, Any], provider: IdentityProvider) -> Person:
    email = normal_email(_text(claims, "email", LONGEST_EMAIL))
    name = _text(claims, "name", LONGEST_NAME) or _text(claims, "preferred_username", LONGEST_NAME)
    said, amr = claims.get(provider.group_claim) if provider.group_claim else None, claims.get("amr")
    return Person(
        subject=claims["sub"],
        email=email,
        email_is_verified=claims.get("email_verified") is True,
        display_name=name or email.partition("@")[0][:LONGEST_NAME],
        family_name=_text(claims, "family_name", LONGEST_PART),
        given_name=_text(claims, "given_name", LONGEST_PART),
        groups=frozenset(one for one in said[:MOST_GROUPS] if isinstance(one, str)) if isinstance(said, list) else None,
        showed_two_factors=isinstance(amr, list) and "mfa" in amr,
    )


def due_roles(provider: IdentityProvider, person: Person) -> set[str]:
    return rules.roles_of(provider, person.groups or frozenset())


def due_teams(provider: IdentityProvider, person: Person) -> list[str]:
    return rules.teams_of(provider, person.groups or frozenset())


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    """ "" for what is no text of ours: too long for its place, or with a NUL in it."""
    said = claims.get(name)
    return said.strip() if isinstance(said, str) and len(said) <= longest and "\0" not in said else ""
