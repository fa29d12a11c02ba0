"""What a sharing rule has to be."""

from chassis.errors import InvalidArgument
from kith.identity.v1.sharing_rule_pb2 import SharingRule


class NotShareable(InvalidArgument): ...


def check(rule: SharingRule) -> None:
    """Raises InvalidArgument unless it is with one user or one team."""
    if bool(rule.user_id) == bool(rule.team_id):
        problem = "is given, and team_id too: name one of them" if rule.user_id else "or team_id: name one of them"
        raise InvalidArgument.of("user_id", problem)
