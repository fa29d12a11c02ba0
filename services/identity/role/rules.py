"""What roles allow, one by one and taken together."""

from collections.abc import Iterable, Mapping, Sequence

from chassis.access.caller import Caller, Reach
from chassis.access.grants import PLATFORM, common, covers, is_pattern, matches, widest
from chassis.errors import FailedPrecondition, InvalidArgument, PermissionDenied
from kith.identity.v1.role_pb2 import DENY_LIST, Role

# Whoever holds all of these can set right whatever else was taken away; somebody always must.
MANAGING = ("identity.role.update", "identity.user.assign_roles")


MOST_BASES = 10


class GrantTooWide(PermissionDenied): ...


class RoleCycle(FailedPrecondition): ...


class RoleInUse(FailedPrecondition): ...


def check(role: Role) -> None:
    """Raises InvalidArgument for what could never be granted."""
    problems = {}
    for at, grant in enumerate(role.grants):
        if not is_pattern(grant.permission) or grant.permission.split(".")[1:2] == [PLATFORM]:
            problems[f"grants[{at}].permission"] = "is neither a permission nor a pattern of them"
    if role.mode == DENY_LIST and role.functions:
        problems["functions"] = "are of roles that give"
    if problems:
        raise InvalidArgument("it could not be granted so", fields=problems)


def grants_of(roles: Iterable[Role]) -> dict[str, Reach]:
    """The widest reach of each pattern."""
    return widest((grant.permission, Reach(grant.reach)) for role in roles for grant in role.grants)


def granted_by(roles: Iterable[Role]) -> dict[str, Reach]:
    """What those of them that give give."""
    return grants_of(role for role in roles if role.mode != DENY_LIST)


def denied_by(roles: Iterable[Role]) -> frozenset[str]:
    """What those of them that take take."""
    return frozenset(grant.permission for role in roles if role.mode == DENY_LIST for grant in role.grants)


def by_pattern(roles: Iterable[Role]) -> dict[str, tuple[str, ...]]:
    """Which of them give each pattern, or take it."""
    found: dict[str, tuple[str, ...]] = {}
    for role in roles:
        for pattern in {grant.permission for grant in role.grants}:
            found[pattern] = (*found.get(pattern, ()), role.id)
    return found


def with_base(role: Role, base: Role) -> Role:
    """`role` with all that is in `base`; what it says of a field itself stands."""
    whole = Role()
    whole.CopyFrom(role)
    whole.grants.extend(base.grants)
    own = {one.field for one in role.field_rights}
    whole.field_rights.extend(one for one in base.field_rights if one.field not in own)
    whole.closed_nouns.extend(base.closed_nouns)
    return whole


def refuse_unfit_base(role: Role, line: Sequence[Role]) -> None:
    """`line` begins with its base. Raises RoleCycle, and InvalidArgument for one of the other mode, or too many."""
    if any(one.id == role.id for one in line):
        raise RoleCycle("a role cannot be based on itself", id=role.id)
    if any((one.mode == DENY_LIST) != (role.mode == DENY_LIST) for one in line):
        raise InvalidArgument.of("base_id", "is of the other mode")
    if len(line) > MOST_BASES:
        raise InvalidArgument.of("base_id", f"is based on others itself, and {MOST_BASES} in a row are the most")


def refuse_wider(giver: Caller, given: Mapping[str, Reach], denied: frozenset[str] = frozenset()) -> None:
    """Nobody gives more than they hold, nor what they are denied, but where whoever gets it is `denied` it too.

    Raises GrantTooWide, naming the first that is more.
    """
    lacking = giver.denied - denied
    for permission, reach in given.items():
        if not covers(giver.grants, permission, reach) or any(common(pattern, permission) for pattern in lacking):
            raise GrantTooWide(f"{permission} is more than you may do yourself", permission=permission)


def manages(role: Role, permission: str) -> bool:
    """Whether `role`, whole, names what access is managed by, as far as `permission` goes: gives it, or takes it."""
    return any(matches(grant.permission, permission) for grant in role.grants)
