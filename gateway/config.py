"""The gateway's settings, read once from the environment; what is missing or malformed is one clear sentence."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).parent.parent


class BadSettings(Exception):
    """Its text is the sentence."""


class Settings(BaseSettings):
    """Each field is the variable KITH_<FIELD>; beside them KITH_<SERVICE>_ADDRESS for each service of the contract."""

    model_config = SettingsConfigDict(env_prefix="KITH_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    gateway_workers: int = Field(default=1, ge=1, le=64)
    gateway_secret: str = Field(min_length=32)  # shared by all replicas: what CSRF tokens are made with
    # Where browsers find us; more than one with commas, loopback by default. https means Secure cookies and HSTS.
    origin: Annotated[frozenset[str], NoDecode] = frozenset()
    proxies: int = Field(default=0, ge=0, le=5)  # of our own before us, each adding to X-Forwarded-For
    contract: Path = ROOT / "protos" / "gen" / "contract.binpb"
    web: Path = ROOT / "web" / "dist"
    events: str = "postgres"
    events_database_url: str = ""  # without it there are no live updates
    log_level: str = "INFO"
    trace_endpoint: str = ""
    trace_ratio: float = Field(default=0.01, ge=0, le=1)
    # Calls a second, and how many at once; 0 a second is no limit.
    limit_tenant_per_second: float = Field(default=1000, ge=0)
    limit_tenant_burst: int = Field(default=2000, ge=1)
    limit_user_per_second: float = Field(default=100, ge=0)
    limit_user_burst: int = Field(default=400, ge=1)
    limit_key_per_second: float = Field(default=200, ge=0)
    limit_key_burst: int = Field(default=400, ge=1)
    limit_address_per_second: float = Field(default=20, ge=0)
    limit_address_burst: int = Field(default=200, ge=1)
    limit_session_per_second: float = Field(default=0.5, ge=0)
    limit_session_burst: int = Field(default=20, ge=1)

    @field_validator("origin", mode="before")
    @classmethod
    def _origins(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        origins = [one.strip().rstrip("/").lower() for one in given.split(",") if one.strip()]
        if not origins or not all(_is_origin(one) for one in origins):
            raise ValueError("must be addresses such as https://crm.example, with commas between them")
        if len({urlsplit(one).scheme for one in origins}) > 1:
            raise ValueError("must be all https or all http")
        return frozenset(origins)

    @field_validator("events")
    @classmethod
    def _events(cls, given: str) -> str:
        if given != "postgres":
            raise ValueError("live updates are read from the PostgreSQL log only, so it must be postgres")
        return given

    @property
    def origins(self) -> frozenset[str]:
        return self.origin or frozenset(f"http://{host}:{self.port}" for host in ("127.0.0.1", "localhost"))

    @property
    def secure(self) -> bool:
        return all(origin.startswith("https:") for origin in self.origins)


def read_settings() -> Settings:
    """Raises BadSettings."""
    try:
        return Settings()  # type: ignore[call-arg]  # the environment fills it
    except ValidationError as error:
        said = "; ".join(_sentence(dict(one)) for one in error.errors())
        raise BadSettings(f"The gateway cannot start: {said}.") from None


def addresses(services: list[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Where each service is. Raises BadSettings naming every variable that is missing."""
    names = {service: f"KITH_{service.upper()}_ADDRESS" for service in services}
    missing = [name for name in names.values() if not environment.get(name)]
    if missing:
        raise BadSettings(
            f"The gateway cannot start: {', '.join(missing)} must say where the service is, as host:port."
        )
    return {service: environment[name] for service, name in names.items()}


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.path or parts.query)


def _sentence(error: Mapping[str, Any]) -> str:
    name = "KITH_" + "_".join(str(part) for part in error["loc"]).upper()
    if error["type"] == "missing":
        return f"{name} is not set"
    return f"{name} {error['msg'].removeprefix('Value error, ')}"
