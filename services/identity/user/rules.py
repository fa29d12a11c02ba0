"""What is true of a user, and how their state moves."""

from collections.abc import Sequence

from chassis.errors import FailedPrecondition, InvalidArgument
from identity.tenant.rules import ZONES
from kith.identity.v1.function_pb2 import Function
from kith.identity.v1.team_pb2 import Team
from kith.identity.v1.user_pb2 import User


class WrongState(FailedPrecondition): ...


def check(user: User) -> None:
    """Raises InvalidArgument."""
    if user.time_zone and user.time_zone not in ZONES:
        raise InvalidArgument.of("time_zone", "is no IANA time zone")
    if user.manager_id and user.manager_id == user.id:
        raise InvalidArgument.of("manager_id", "is the user themselves")
    if user.primary_team_id and user.primary_team_id not in user.team_ids:
        raise InvalidArgument.of("primary_team_id", "is not among team_ids")


def tidy(user: User) -> None:
    """One form for what a request may write in several: an e-mail without capitals, a primary team wherever any is."""
    user.email = normal_email(user.email)
    if not user.primary_team_id and user.team_ids:
        user.primary_team_id = user.team_ids[0]


def normal_email(text: str) -> str:
    return text.strip().lower()


def accept(user: User, display_name: str) -> None:
    """Raises WrongState for one who is not invited (any more)."""
    refuse_uninvited(user)
    user.state = User.ACTIVE
    user.display_name = display_name.strip() or user.display_name


def refuse_uninvited(user: User) -> None:
    """Raises WrongState for one who has accepted, or has left."""
    if user.state != User.INVITED:
        raise WrongState("the user is not invited", state=User.State.Name(user.state))


def refuse_idle(user: User) -> None:
    """Raises WrongState for one who may not work."""
    if user.state != User.ACTIVE:
        raise WrongState("the user may not work", state=User.State.Name(user.state))


def add_factor(user: User, method: str) -> None:
    if method not in user.mfa_methods:
        user.mfa_methods.append(method)


def suspend(user: User) -> None:
    """Raises WrongState for one who has left."""
    _refuse_gone(user)
    user.state = User.SUSPENDED


def resume(user: User) -> None:
    """Raises WrongState unless suspended."""
    if user.state != User.SUSPENDED:
        raise WrongState("the user is not suspended", state=User.State.Name(user.state))
    user.state = User.ACTIVE


def deactivate(user: User, successor: User) -> None:
    """Raises WrongState for one who has left, InvalidArgument for a successor who could not take over."""
    _refuse_gone(user)
    if not takes_over(user, successor):
        raise InvalidArgument.of("successor_id", "is not another active user")
    user.state, user.successor_id = User.DEACTIVATED, successor.id


def deactivate_into(user: User, team: Team, manager: User | None) -> None:
    """What they leave is held by `team`: its manager's, or nobody's. Raises WrongState for one who has left."""
    _refuse_gone(user)
    user.state, user.holding_team_id = User.DEACTIVATED, team.id
    user.successor_id = manager.id if manager and takes_over(user, manager) else ""


def takes_over(user: User, other: User) -> bool:
    return other.id != user.id and other.state == User.ACTIVE and not other.HasField("delete_time")


def refuse_unsaid(successor_id: str, holding_team_id: str) -> None:
    """Raises InvalidArgument unless one of the two is named."""
    if not successor_id and not holding_team_id:
        raise InvalidArgument.of("successor_id", "has to be named, or a holding team")
    if successor_id and holding_team_id:
        raise InvalidArgument.of("holding_team_id", "is named beside a successor; one of them takes over")


def set_teams(user: User, team_ids: Sequence[str], primary_team_id: str) -> None:
    """Raises InvalidArgument for a primary team that is not among them."""
    unique = list(dict.fromkeys(team_ids))
    if primary_team_id and primary_team_id not in unique:
        raise InvalidArgument.of("primary_team_id", "is not among team_ids")
    del user.team_ids[:]
    user.team_ids.extend(unique)
    user.primary_team_id = primary_team_id or (unique[0] if unique else "")


def set_functions(user: User, functions: Sequence[Function.ValueType]) -> None:
    """Raises WrongState for one who has left."""
    _refuse_gone(user)
    del user.functions[:]
    user.functions.extend(sorted(functions))


def follow_functions(user: User, before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Take the roles that came with functions of `before` and give those of `after`; answers which came or went."""
    held = [*user.role_ids]
    kept = [id for id in held if id not in before or id in after]
    del user.role_ids[:]
    user.role_ids.extend([*kept, *(id for id in after if id not in kept)])
    return {*held} ^ {*user.role_ids}


def assign_roles(user: User, role_ids: Sequence[str]) -> set[str]:
    """Give `user` these roles and no others; answers which came or went. Raises WrongState for one who has left."""
    _refuse_gone(user)
    before, unique = set(user.role_ids), list(dict.fromkeys(role_ids))
    del user.role_ids[:]
    user.role_ids.extend(unique)
    return before ^ set(unique)


def _refuse_gone(user: User) -> None:
    if user.state == User.DEACTIVATED:
        raise WrongState("the user has left", state=User.State.Name(user.state))
