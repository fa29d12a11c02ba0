"""What is true of an identity provider, and how its state moves."""

from collections.abc import Iterable, Set
from urllib.parse import urlsplit

from chassis.errors import FailedPrecondition, InvalidArgument
from kith.identity.v1.identity_provider_pb2 import IdentityProvider

SCOPES = ("email", "profile")  # asked for where nothing else is said


class ProviderNotTested(FailedPrecondition): ...


class ProviderNotEnabled(FailedPrecondition): ...


def check(provider: IdentityProvider) -> None:
    """Raises InvalidArgument."""
    parts = urlsplit(provider.issuer)
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise InvalidArgument.of("issuer", "is no plain https address")
    if provider.group_mappings and not provider.group_claim:
        raise InvalidArgument.of("group_claim", "is needed to know who is in which group")


def scope_of(provider: IdentityProvider) -> str:
    """What is asked for; without `openid` there would be no id_token."""
    return " ".join(dict.fromkeys(("openid", *(provider.scopes or SCOPES))))


def passed(provider: IdentityProvider) -> None:
    """It published what is fit; one that people sign in by already goes on being that."""
    if provider.state != IdentityProvider.ENABLED:
        provider.state = IdentityProvider.TESTED


def enable(provider: IdentityProvider) -> None:
    """Raises ProviderNotTested for a draft; one that was disabled was tested once."""
    if provider.state == IdentityProvider.DRAFT:
        raise ProviderNotTested("test it first", id=provider.id)
    provider.state = IdentityProvider.ENABLED


def disable(provider: IdentityProvider) -> None:
    """A draft is left one: there is nothing to disable."""
    if provider.state != IdentityProvider.DRAFT:
        provider.state = IdentityProvider.DISABLED


def refuse_disabled(provider: IdentityProvider) -> None:
    """Raises ProviderNotEnabled."""
    if provider.state != IdentityProvider.ENABLED:
        raise ProviderNotEnabled("nobody signs in by this identity provider", id=provider.id)


def given_roles(provider: IdentityProvider) -> set[str]:
    """All that it could ever give somebody."""
    return {*provider.default_role_ids, *(role for one in provider.group_mappings for role in one.role_ids)}


def roles_of(provider: IdentityProvider, groups: Set[str]) -> set[str]:
    """What members of these groups hold."""
    return {role for one in provider.group_mappings if one.group in groups for role in one.role_ids}


def teams_of(provider: IdentityProvider, groups: Set[str]) -> list[str]:
    """Where members of these groups belong, as the mappings are ordered: the first becomes the primary team."""
    return [*dict.fromkeys(team for one in provider.group_mappings if one.group in groups for team in one.team_ids)]


def following(held: Iterable[str], mapped: Set[str], due: Iterable[str]) -> list[str]:
    """What somebody has afterwards: of what any mapping names only what is due, and all else they had."""
    wanted = {*due}
    kept = [one for one in held if one not in mapped or one in wanted]
    return [*dict.fromkeys((*kept, *(one for one in due)))]


def mapped_roles(provider: IdentityProvider) -> set[str]:
    """Those that follow groups; a default role is everybody's, whatever their groups."""
    return {role for one in provider.group_mappings for role in one.role_ids} - {*provider.default_role_ids}


def mapped_teams(provider: IdentityProvider) -> set[str]:
    return {team for one in provider.group_mappings for team in one.team_ids}


def speaks_for(provider: IdentityProvider, email: str) -> bool:
    """Whether it may vouch for this e-mail."""
    domain = email.rpartition("@")[2].lower()
    return not provider.email_domains or domain in {one.lower() for one in provider.email_domains}
