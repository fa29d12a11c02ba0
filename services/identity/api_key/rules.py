"""What is true of an API key, and how its state moves."""

from datetime import datetime, timedelta

from chassis.access.grants import is_pattern
from chassis.errors import FailedPrecondition, InvalidArgument
from kith.identity.v1.api_key_pb2 import ApiKey


class KeyEnded(FailedPrecondition): ...


class KeyRotating(FailedPrecondition): ...


def check(key: ApiKey) -> None:
    """Raises InvalidArgument."""
    wrong = {
        f"scopes[{at}]": "is neither a permission nor a pattern of them"
        for at, scope in enumerate(key.scopes)
        if not is_pattern(scope)
    }
    if key.user_id and key.service_account_id:
        wrong["service_account_id"] = "is given, and so is user_id: a key has one holder"
    if wrong:
        raise InvalidArgument("this key could not work", fields=wrong)


def rotate(key: ApiKey, prefix: str, grace: timedelta, now: datetime) -> None:
    """Its secret begins with `prefix` from now on. Raises KeyEnded, KeyRotating."""
    if key.state == ApiKey.REVOKED or (key.HasField("expire_time") and key.expire_time.ToDatetime(now.tzinfo) <= now):
        raise KeyEnded("this API key was revoked, or has expired", id=key.id)
    if key.state == ApiKey.ROTATING and grace:
        raise KeyRotating("an older secret still works; wait, or rotate without a grace", id=key.id)
    key.prefix = prefix
    key.rotate_time.FromDatetime(now)
    key.ClearField("previous_secret_end_time")
    key.state = ApiKey.ACTIVE
    if grace:
        key.previous_secret_end_time.FromDatetime(now + grace)
        key.state = ApiKey.ROTATING


def end_rotation(key: ApiKey, rotated: ApiKey) -> bool:
    """Whether that rotation of it is what ends now, and not one that was ended before."""
    if key.state != ApiKey.ROTATING or key.previous_secret_end_time != rotated.previous_secret_end_time:
        return False
    key.ClearField("previous_secret_end_time")
    key.state = ApiKey.ACTIVE
    return True
