"""What is true of an API key."""

from chassis.access.grants import is_pattern
from chassis.errors import InvalidArgument
from kith.identity.v1.api_key_pb2 import ApiKey


def check(key: ApiKey) -> None:
    """Raises InvalidArgument."""
    wrong = {
        f"scopes[{at}]": "is neither a permission nor a pattern of them"
        for at, scope in enumerate(key.scopes)
        if not is_pattern(scope)
    }
    if wrong:
        raise InvalidArgument("some scopes are none", fields=wrong)
