"""What the gateway is told by its environment, beyond what every process is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from chassis.config import SHORTEST_SECRET, EventSettings, Misconfigured

ROOT = Path(__file__).parent.parent
LOOPBACK = ("127.0.0.1", "localhost")


class Settings(EventSettings):
    """Read with `chassis.config.load(Settings, "gateway")`."""

    port: int = Field(8080, ge=1, le=65535, description="The port of its HTTP server.")
    gateway_workers: int = Field(1, ge=1, le=64, description="How many processes share the port.")
    gateway_secret: SecretStr = Field(
        min_length=SHORTEST_SECRET, description="Makes CSRF tokens; the same in all replicas, 32 characters or more."
    )
    origin: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(), description="Where browsers find it, with commas; https means Secure cookies and HSTS."
    )
    proxies: int = Field(0, ge=0, le=5, description="How many proxies of ours add to X-Forwarded-For before it.")
    contract: Path = Field(ROOT / "protos" / "gen" / "contract.binpb", description="The descriptor set.")
    web: Path = Field(ROOT / "web" / "dist", description="The built web client.")
    mail_folder: str = Field(
        "", description="Where identity keeps mails as files; /mail shows them to browsers on this very machine."
    )
    demand_if_match: bool = Field(False, description="Whether a record is changed only with If-Match, else 428.")
    limit_tenant_per_second: float = Field(1000, ge=0, description="Calls of one tenant; 0, as below, is no limit.")
    limit_tenant_burst: int = Field(2000, ge=1, description="Calls of one tenant at once.")
    limit_user_per_second: float = Field(100, ge=0, description="Calls of one user.")
    limit_user_burst: int = Field(400, ge=1, description="Calls of one user at once.")
    limit_key_per_second: float = Field(200, ge=0, description="Calls with one API key.")
    limit_key_burst: int = Field(400, ge=1, description="Calls with one API key at once.")
    limit_address_per_second: float = Field(20, ge=0, description="Calls from one address without a known token.")
    limit_address_burst: int = Field(200, ge=1, description="Calls from one address without a known token at once.")
    limit_session_per_second: float = Field(0.5, ge=0, description="Attempts to sign in from one address.")
    limit_session_burst: int = Field(20, ge=1, description="Attempts to sign in from one address at once.")

    @field_validator("origin", mode="before")
    @classmethod
    def _origins(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        origins = [one.strip().rstrip("/").lower() for one in given.split(",") if one.strip()]
        if not origins or not all(_is_origin(one) for one in origins):
            raise ValueError("is no address such as https://crm.example, or several with commas")
        if len({urlsplit(one).scheme for one in origins}) > 1:
            raise ValueError("is partly https and partly http")
        return frozenset(origins)

    @property
    def origins(self) -> frozenset[str]:
        return self.origin or frozenset(f"http://{host}:{self.port}" for host in LOOPBACK)

    @property
    def secure(self) -> bool:
        return all(origin.startswith("https:") for origin in self.origins)


def addresses(settings: Settings, services: list[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Where each service of the contract is. Raises Misconfigured for one that nobody told of."""
    known = settings.addresses
    names = {service: f"KITH_{service.upper()}_ADDRESS" for service in services}
    found = {service: known.get(service) or environ.get(name, "") for service, name in names.items()}
    if missing := [names[service] for service, address in found.items() if not address]:
        raise Misconfigured(f"{', '.join(missing)} is not set (Where the service answers)")
    return found


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.path or parts.query)
