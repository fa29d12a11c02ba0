"""What is true of a tenant."""

from zoneinfo import available_timezones

from chassis.errors import InvalidArgument
from identity.tenant.branding import refuse_unreadable
from identity.tenant.rates import refuse_wrong_rates
from kith.identity.v1.tenant_pb2 import Tenant

ZONES = frozenset(available_timezones())


def check(tenant: Tenant) -> None:
    """Raises InvalidArgument."""
    if tenant.default_time_zone and tenant.default_time_zone not in ZONES:
        raise InvalidArgument.of("default_time_zone", "is no IANA time zone")
    refuse_unreadable(tenant.branding)
    refuse_wrong_rates(tenant)
