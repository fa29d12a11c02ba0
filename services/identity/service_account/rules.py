"""How the state of a service account moves."""

from chassis.errors import FailedPrecondition
from kith.identity.v1.service_account_pb2 import ServiceAccount


class NotSuspended(FailedPrecondition): ...


def suspend(account: ServiceAccount) -> None:
    account.state = ServiceAccount.SUSPENDED


def resume(account: ServiceAccount) -> None:
    """Raises NotSuspended."""
    if account.state != ServiceAccount.SUSPENDED:
        raise NotSuspended("the service account is not suspended", id=account.id)
    account.state = ServiceAccount.ACTIVE
