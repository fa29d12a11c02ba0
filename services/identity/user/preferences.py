"""What each user chooses for themselves: how the suite is written to them, looks, and reaches them."""

from collections.abc import Sequence

from chassis.call import Call
from chassis.errors import InvalidArgument
from chassis.resource.patch import patch, populated
from chassis.resource.standard import told_from_the_root
from identity.doors import consequences
from identity.second_factor.step_up import session_of
from identity.user.user import USERS
from kith.identity.v1.user_pb2 import UpdateMyPreferencesRequest, User

PREFERENCES = frozenset(
    ["locale", "time_zone", "date_format", "number_format", "theme", "first_day_of_week", "notification_channels"]
)


async def update_my_preferences(call: Call, request: UpdateMyPreferencesRequest) -> User:
    """One's own whatever one's roles say, and no key's to change. Raises InvalidArgument, SignInAgain, StaleEtag."""
    session_of(call)
    given = request.user
    if given.id not in ("", call.caller.user_text):
        raise InvalidArgument.of("user.id", "is somebody else's")
    masked = request.HasField("update_mask")
    named = [USERS.noun.path_of(path) for path in request.update_mask.paths] if masked else populated(USERS, given)
    _refuse_others(named)
    given.id = call.caller.user_text
    with told_from_the_root(USERS), consequences(call):
        return await patch(USERS, call, given, named)


def _refuse_others(named: Sequence[str]) -> None:
    for name in named:
        if name not in PREFERENCES:
            raise InvalidArgument.of("update_mask", f"{name} is no preference")
