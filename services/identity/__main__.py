"""`python -m identity serve` or `migrate`."""

from ipaddress import ip_network

from chassis.calls import Calls
from chassis.config import ServiceSettings, load_or_exit
from chassis.database.worker import Pool
from chassis.mail.told import post_of
from chassis.run import main
from identity.app import SERVICE
from identity.authority import Authority
from identity.openid.outbound import Outbound
from identity.settings import IdentitySettings


async def by_itself(calls: Calls, worker: Pool, settings: ServiceSettings) -> Authority:
    """Identity knows callers from its own tables, and needs to be told a few secrets for it."""
    told = load_or_exit(IdentitySettings, "identity")
    post, outbound = post_of(told, told.secrets.sealing), Outbound([ip_network(one) for one in told.outbound_networks])
    return Authority(calls.database, told.secrets, post, told.public_url, outbound)


main(SERVICE, by_itself)
