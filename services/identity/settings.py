"""What identity is told by its environment, beyond what every service is, and which programs it knows by it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from pydantic import AfterValidator, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from chassis.access.caller import Caller, Reach
from chassis.config import SHORTEST_SECRET, ServiceSettings
from chassis.mail.settings import MailSettings

PLATFORM = uuid5(NAMESPACE_URL, "kith:platform")  # the tenant of the suite itself; no tenant row stands for it
AT_HOME = "http://127.0.0.1:8080"
SERVICES = ("contacts", "sales", "service_desk", "marketing")
_READS = ("identity.platform.read_principal", "identity.platform.watch_principals")
_ON_BEHALF = tuple(f"identity.platform.{verb}" for verb in ("exchange_token", "note_share", "read_data_keys"))
# Who may do what of the platform's: services work on others' behalf, the gateway only with what its callers bring.
RIGHTS: Mapping[str, tuple[str, ...]] = {
    "platform": (
        "identity.platform.provision_tenant",
        "identity.platform.list_all_tenants",
        "identity.platform.suspend_tenant",
        "identity.platform.resume_tenant",
        "identity.platform.revoke_signing_key",
    ),
    "gateway": _READS,
    **dict.fromkeys(SERVICES, (*_READS, *_ON_BEHALF)),
}
SERVICE_IDS = frozenset(Caller.system(PLATFORM, name).user_id for name in SERVICES)


@dataclass(frozen=True)
class Secrets:
    """What seals signing keys, and the key of each program of the suite by its name."""

    sealing: str
    keys: Mapping[str, str]

    def programs(self) -> dict[bytes, Caller]:
        """SHA-256 of each key, and as whom it calls."""
        return {
            hashlib.sha256(self.keys[name].encode()).digest(): Caller(
                PLATFORM, Caller.system(PLATFORM, name).user_id, dict.fromkeys(permissions, Reach.TENANT)
            )
            for name, permissions in RIGHTS.items()
            if name in self.keys
        }


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("is no address such as https://crm.example")
    return text.rstrip("/")


class IdentitySettings(MailSettings, ServiceSettings):
    """Whoever starts the suite makes these once, at random, and tells each key to identity and to its one program.

    They are no records, so that no tenant can see, grant or revoke them; to replace one, restart both with another.
    """

    identity_secret: SecretStr = Field(
        min_length=SHORTEST_SECRET,
        description="Seals signing keys, second factors, client secrets, waiting mails and the audit trail at rest.",
    )
    public_url: Annotated[str, AfterValidator(_origin)] = Field(
        AT_HOME, description="Where people find the suite: links in mails begin so, and no other way."
    )
    outbound_networks: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Inner networks, with commas, in which identity providers may live; there, http will do.",
    )
    platform_key: SecretStr = Field(min_length=SHORTEST_SECRET, description="Shown by whoever provisions tenants.")
    gateway_key: SecretStr = Field(min_length=SHORTEST_SECRET, description="The gateway's own API key.")
    contacts_key: SecretStr = Field(min_length=SHORTEST_SECRET, description="The API key of contacts.")
    sales_key: SecretStr = Field(min_length=SHORTEST_SECRET, description="The API key of sales.")
    service_desk_key: SecretStr = Field(min_length=SHORTEST_SECRET, description="The API key of service_desk.")
    marketing_key: SecretStr = Field(min_length=SHORTEST_SECRET, description="The API key of marketing.")

    @field_validator("outbound_networks", mode="before")
    @classmethod
    def _networks(cls, given: Any) -> Any:
        found = [one.strip() for one in given.split(",") if one.strip()] if isinstance(given, str) else given
        try:
            return frozenset(str(ip_network(one)) for one in found)
        except ValueError:
            raise ValueError("is no list of networks such as 10.0.0.0/8,fd00::/8") from None

    @property
    def secrets(self) -> Secrets:
        keys: dict[str, SecretStr] = {name: getattr(self, f"{name}_key") for name in RIGHTS}
        return Secrets(
            self.identity_secret.get_secret_value(), {name: key.get_secret_value() for name, key in keys.items()}
        )
