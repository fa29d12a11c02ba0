"""What several roles together allow of single fields."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from chassis.access.caller import Right
from kith.identity.v1.role_pb2 import DENY_LIST, Role

RIGHTS: Mapping[int, Right] = {1: Right.NONE, 2: Right.MASKED, 3: Right.READ, 4: Right.WRITE}


class FieldRights(NamedTuple):
    """By path where it is less than WRITE; of `closed` nouns all that is not hidden is there, WRITE too."""

    fields: dict[str, Right]
    closed: frozenset[str]


def field_rights_of(roles: Sequence[Role], sensitive: Collection[str] = ()) -> FieldRights:
    """The widest right to each field that a role gives, and then no more than any deny list leaves.

    A role that grants something on a noun and says nothing of a field gives all that its grants need: WRITE, or READ
    where it only reads; of a `sensitive` one MASKED; or nothing, where it closes the noun. A role without grants on the
    noun says nothing of it, and what nobody says anything of is hidden where it is sensitive.
    """
    gives, takes = ([role for role in roles if (role.mode == DENY_LIST) is wanted] for wanted in (False, True))
    closed = frozenset(noun for role in roles for noun in role.closed_nouns if _is_closed(noun, gives, takes))
    rights = {}
    for path in {one.field for role in roles for one in role.field_rights}.union(sensitive):
        unsaid = Right.NONE if path in sensitive else Right.WRITE
        said = (_given(role, path, path in sensitive) for role in gives)
        given = max((right for right in said if right is not None), default=unsaid)
        rights[path] = min([given, *(_left(role, path) for role in takes)])
    return FieldRights(
        {path: right for path, right in rights.items() if right < Right.WRITE or _noun(path) in closed}, closed
    )


def _is_closed(noun: str, gives: Sequence[Role], takes: Sequence[Role]) -> bool:
    """By any deny list, or by all roles that say anything of it."""
    speaking = [role for role in gives if _verbs(role, noun)]
    by_all = bool(speaking) and all(noun in role.closed_nouns for role in speaking)
    return by_all or any(noun in role.closed_nouns for role in takes)


def _given(role: Role, path: str, sensitive: bool) -> Right | None:
    said = _named(role, path)
    verbs = _verbs(role, _noun(path))
    if said is not None or not verbs:
        return said
    if _noun(path) in role.closed_nouns:
        return Right.NONE
    if sensitive:
        return Right.MASKED
    return Right.READ if verbs == {"read"} else Right.WRITE


def _left(role: Role, path: str) -> Right:
    said = _named(role, path)
    if said is None:
        return Right.NONE if _noun(path) in role.closed_nouns else Right.WRITE
    return said


def _named(role: Role, path: str) -> Right | None:
    return next((RIGHTS[one.right] for one in role.field_rights if one.field == path), None)


def _noun(path: str) -> str:
    """A custom field's path has a part more: `contacts.account.custom_fields.tier`."""
    return ".".join(path.split(".")[:2])


def _verbs(role: Role, noun: str) -> set[str]:
    """Of its grants on that noun."""
    return {grant.permission.split(".")[-1] for grant in role.grants if _touches(grant.permission, noun)}


def _touches(pattern: str, noun: str) -> bool:
    service, name = noun.split(".")
    parts = [*pattern.split("."), "*", "*"]
    return parts[0] in ("*", service) and parts[1] in ("*", name)
