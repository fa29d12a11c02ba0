"""How a process comes to the brokers: where they are, who it is there, whom it trusts."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import SecretStr

SCHEME = "kafka://"


class Told(Protocol):
    """The settings this is read from; `chassis.config.EventSettings` says what each means."""

    events: str
    kafka_tls: bool
    kafka_ca_file: str
    kafka_cert_file: str
    kafka_key_file: str
    kafka_user: str
    kafka_password: SecretStr


@dataclass(frozen=True)
class KafkaAccess:
    """`servers` is `host:port[,host:port …]`; whom to be and to trust is empty on loopback."""

    servers: str
    tls: bool = False
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def told(cls, settings: Told) -> "KafkaAccess":
        return cls(
            settings.events.removeprefix(SCHEME),
            settings.kafka_tls,
            settings.kafka_ca_file,
            settings.kafka_cert_file,
            settings.kafka_key_file,
            settings.kafka_user,
            settings.kafka_password.get_secret_value(),
        )

    @property
    def options(self) -> dict[str, Any]:
        """For any client of aiokafka. Raises OSError for a certificate that cannot be read."""
        found: dict[str, Any] = {"bootstrap_servers": self.servers}
        protocol = ("SASL_" if self.user else "") + ("SSL" if self.tls else "PLAINTEXT")
        if self.tls:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file or None)
            found["ssl_context"] = context
        if self.user:
            found |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return found | {"security_protocol": protocol}
