"""What roles allow, one by one and taken together."""

from collections.abc import Iterable, Mapping, Sequence

from chassis.access.caller import Reach, Right
from chassis.access.grants import PLATFORM, covers, is_pattern, matches, widest
from chassis.errors import InvalidArgument, PermissionDenied
from kith.identity.v1.role_pb2 import Role

# Whoever holds all of these can set right whatever else was taken away; somebody always must.
MANAGING = ("identity.role.update", "identity.user.assign_roles")


class GrantTooWide(PermissionDenied): ...


def check(role: Role) -> None:
    """Raises InvalidArgument for what could never be granted."""
    problems = {}
    for at, grant in enumerate(role.grants):
        if not is_pattern(grant.permission) or grant.permission.split(".")[1:2] == [PLATFORM]:
            problems[f"grants[{at}].permission"] = "is neither a permission nor a pattern of them"
    if problems:
        raise InvalidArgument("some grants are none", fields=problems)


def grants_of(roles: Iterable[Role]) -> dict[str, Reach]:
    """The widest reach of each pattern."""
    return widest((grant.permission, Reach(grant.reach)) for role in roles for grant in role.grants)


def field_rights_of(roles: Sequence[Role]) -> dict[str, Right]:
    """The widest right to each limited field, where it is less than WRITE.

    A role that grants something on a noun and says nothing of a field gives all that its grants need: WRITE, or READ
    where it only reads. A role without grants on the noun says nothing of its fields.
    """
    fields = {one.field for role in roles for one in role.field_rights}
    rights = {path: max(right for role in roles if (right := _right(role, path)) is not None) for path in fields}
    return {path: right for path, right in rights.items() if right < Right.WRITE}


def _right(role: Role, path: str) -> Right | None:
    for one in role.field_rights:
        if one.field == path:
            return RIGHTS[one.right]
    noun = path.rpartition(".")[0]
    verbs = {grant.permission.split(".")[-1] for grant in role.grants if _touches(grant.permission, noun)}
    if not verbs:
        return None
    return Right.READ if verbs == {"read"} else Right.WRITE


RIGHTS: Mapping[int, Right] = {1: Right.NONE, 2: Right.MASKED, 3: Right.READ, 4: Right.WRITE}


def _touches(pattern: str, noun: str) -> bool:
    service, name = noun.split(".")
    parts = [*pattern.split("."), "*", "*"]
    return parts[0] in ("*", service) and parts[1] in ("*", name)


def refuse_wider(grants: Mapping[str, Reach], given: Mapping[str, Reach]) -> None:
    """Nobody gives more than they hold. Raises GrantTooWide, naming the first that is more."""
    for permission, reach in given.items():
        if not covers(grants, permission, reach):
            raise GrantTooWide(f"{permission} is more than you may do yourself", permission=permission)


def manages(role: Role, permission: str) -> bool:
    """Whether `role` is one by which access could be managed, as far as `permission` goes."""
    return any(matches(grant.permission, permission) for grant in role.grants)
