"""What is true of a user, and how their state moves."""

from collections.abc import Sequence

from chassis.errors import FailedPrecondition, InvalidArgument
from identity.tenant.rules import ZONES
from kith.identity.v1.user_pb2 import User


class WrongState(FailedPrecondition): ...


def check(user: User) -> None:
    """Raises InvalidArgument."""
    if user.time_zone and user.time_zone not in ZONES:
        raise InvalidArgument.of("time_zone", "is no IANA time zone")
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
    if successor.id == user.id or successor.state != User.ACTIVE:
        raise InvalidArgument.of("successor_id", "is not another active user")
    user.state, user.successor_id = User.DEACTIVATED, successor.id


def set_teams(user: User, team_ids: Sequence[str], primary_team_id: str) -> None:
    """Raises InvalidArgument for a primary team that is not among them."""
    unique = list(dict.fromkeys(team_ids))
    if primary_team_id and primary_team_id not in unique:
        raise InvalidArgument.of("primary_team_id", "is not among team_ids")
    del user.team_ids[:]
    user.team_ids.extend(unique)
    user.primary_team_id = primary_team_id or (unique[0] if unique else "")


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
