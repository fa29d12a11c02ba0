"""What a process is told by its environment: read once, checked, frozen; wrong or missing, and the process stops.

Each variable is one line of docs/operator/configuration.md, which a test holds equal to the classes below. A variable
`NAME` may come from a file instead, which `NAME_FILE` names. `{SERVICE}` stands for the process's own name.
"""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from chassis.access.origin import networks_in

PORTS = {"identity": 7001, "contacts": 7002, "sales": 7003, "service_desk": 7004, "marketing": 7005, "gateway": 8080}
SERVICES = [name for name in PORTS if name != "gateway"]
METRICS_ABOVE = 1000  # a process tells its numbers on this much more than its port
SHORTEST_SECRET = 32
PARTITIONS = 8  # of a topic that is new; more later would part a record's events between old places and new
T = TypeVar("T", bound=BaseSettings)


class Misconfigured(Exception):
    """What is wrong with the environment, in words for whoever starts the process."""


@dataclass(frozen=True)
class Variable:
    """Where a setting comes from. A secret is never shown."""

    name: str
    secret: bool = False


def _postgres(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.hostname or len(parts.path) < 2:
        raise ValueError("is no postgresql://user:password@host:port/database")
    return url


def _address(text: str) -> str:
    if not re.fullmatch(r"(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", text):
        raise ValueError("is no host:port")
    return text


def _bus(text: str) -> str:
    if text != "postgres" and not re.fullmatch(r"kafka://[\w.-]+:\d{1,5}(?:,[\w.-]+:\d{1,5})*", text):
        raise ValueError("is neither postgres nor kafka://host:port[,host:port …]")
    return text


def _networks(text: str) -> str:
    networks_in(text)
    return text


Postgres = Annotated[str, AfterValidator(_postgres)]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=0, le=65535)]


def _at(service: str) -> Any:
    return Field(f"127.0.0.1:{PORTS[service]}", description=f"Where {service} answers.")


class Settings(BaseSettings):
    """What every process of a service is told."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: Annotated[str, Variable("KITH_HOST")] = Field("127.0.0.1", description="The address to listen on.")
    key: Annotated[SecretStr, Variable("KITH_{SERVICE}_KEY", secret=True)] = Field(
        SecretStr(""), description="This process's own API key, which it shows to its neighbours."
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], Variable("KITH_LOG_LEVEL")] = Field(
        "INFO", description="The least severe level that is logged."
    )
    otlp_endpoint: Annotated[str, Variable("OTEL_EXPORTER_OTLP_ENDPOINT")] = Field(
        "", description="The OTLP (gRPC) collector that traces go to; empty: none are recorded."
    )
    trace_ratio: Annotated[float, Variable("OTEL_TRACES_SAMPLER_ARG")] = Field(
        0.01, ge=0, le=1, description="The part of traces that is recorded where none was begun before, 0 to 1."
    )
    identity_address: Annotated[Address, Variable("KITH_IDENTITY_ADDRESS")] = _at("identity")
    contacts_address: Annotated[Address, Variable("KITH_CONTACTS_ADDRESS")] = _at("contacts")
    sales_address: Annotated[Address, Variable("KITH_SALES_ADDRESS")] = _at("sales")
    service_desk_address: Annotated[Address, Variable("KITH_SERVICE_DESK_ADDRESS")] = _at("service_desk")
    marketing_address: Annotated[Address, Variable("KITH_MARKETING_ADDRESS")] = _at("marketing")

    @property
    def addresses(self) -> dict[str, str]:
        """Each service's address, by its name."""
        return {name: getattr(self, f"{name}_address") for name in SERVICES}

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` gives: a variable named PORT or HOST is not ours."""
        return (init_settings,)


class EventSettings(Settings):
    """What whoever writes or reads events is told."""

    events: Annotated[str, AfterValidator(_bus), Variable("KITH_EVENTS")] = Field(
        "postgres", description="What carries events: `postgres`, or `kafka://host:port[,host:port …]`."
    )
    events_database_url: Annotated[str, Variable("KITH_EVENTS_DATABASE_URL", secret=True)] = Field(
        "", repr=False, description="The database of the event log; needed where `KITH_EVENTS` is `postgres`."
    )
    kafka_tls: Annotated[bool, Variable("KITH_KAFKA_TLS")] = Field(
        False, description="Whether the brokers are spoken to over TLS."
    )
    kafka_ca_file: Annotated[str, Variable("KITH_KAFKA_CA_FILE")] = Field(
        "", description="Whom to trust as a broker, in PEM; empty: whom the system trusts."
    )
    kafka_cert_file: Annotated[str, Variable("KITH_KAFKA_CERT_FILE")] = Field(
        "", description="A certificate to show to the brokers, in PEM; empty: none."
    )
    kafka_key_file: Annotated[str, Variable("KITH_KAFKA_KEY_FILE")] = Field(
        "", description="Its private key, in PEM, where it is not in the same file."
    )
    kafka_user: Annotated[str, Variable("KITH_KAFKA_USER")] = Field(
        "", description="Who to be at the brokers, by SCRAM-SHA-512; empty: nobody."
    )
    kafka_password: Annotated[SecretStr, Variable("KITH_KAFKA_PASSWORD", secret=True)] = Field(
        SecretStr(""), description="The password of that user."
    )


class ServiceSettings(EventSettings):
    """What one of the five services is told."""

    port: Annotated[Port, Variable("KITH_{SERVICE}_PORT")] = Field(description="The port of its gRPC server.")
    database_url: Annotated[Postgres, Variable("KITH_{SERVICE}_DATABASE_URL", secret=True)] = Field(
        repr=False, description="Its database, as the role that serves callers."
    )
    worker_database_url: Annotated[Postgres, Variable("KITH_{SERVICE}_WORKER_DATABASE_URL", secret=True)] = Field(
        repr=False, description="Its database, as the role that carries events and runs jobs."
    )
    pool_size: Annotated[int, Variable("KITH_POOL_SIZE")] = Field(
        8, ge=1, le=200, description="The most connections to the database that serve callers."
    )
    page_secret: Annotated[SecretStr, Variable("KITH_PAGE_SECRET", secret=True)] = Field(
        min_length=SHORTEST_SECRET, description="Signs page tokens; the same in all replicas, 32 characters or more."
    )

    gateway_networks: Annotated[str, AfterValidator(_networks), Variable("KITH_GATEWAY_NETWORKS")] = Field(
        "127.0.0.0/8,::1/128",
        description="Where the gateway calls from: only there is X-Forwarded-For believed, for the audit trail.",
    )

    @property
    def metrics_port(self) -> int:
        """Where it tells its numbers and whether it is well: 1,000 above its port; any, where that is any."""
        return self.port and self.port + METRICS_ABOVE


class MigrationSettings(EventSettings):
    """What `migrate` needs: it makes tables, and where Kafka carries the events, topics."""

    owner_database_url: Annotated[Postgres, Variable("KITH_{SERVICE}_OWNER_DATABASE_URL", secret=True)] = Field(
        repr=False, description="Its database, as the role that owns the tables; only `migrate` has it."
    )
    kafka_partitions: Annotated[int, Variable("KITH_KAFKA_PARTITIONS")] = Field(
        PARTITIONS, ge=1, le=10_000, description="Partitions of topics that are made now; it cannot be changed later."
    )


def load(kind: type[T], service: str, environ: Mapping[str, str] | None = None) -> T:
    """The settings of `service`. Raises Misconfigured, which names each variable that is wrong or missing."""
    environ = os.environ if environ is None else environ
    names = {field: variable_of(field, info).name.format(SERVICE=service.upper()) for field, info in fields_of(kind)}
    found = {field: _value(name, environ) for field, name in names.items()}
    values: dict[str, Any] = {field: value for field, value in found.items() if value is not None}
    if "port" in names and "port" not in values and service in PORTS:
        values["port"] = str(PORTS[service])
    try:
        settings = kind(**values)
    except ValidationError as error:
        wrong = [_said(names, kind, dict(one)) for one in error.errors(include_url=False, include_input=False)]
        raise Misconfigured("; ".join(wrong)) from None
    if isinstance(settings, ServiceSettings) and settings.events == "postgres" and not settings.events_database_url:
        raise Misconfigured("KITH_EVENTS_DATABASE_URL is not set, and KITH_EVENTS is postgres")
    return settings


def load_or_exit(kind: type[T], service: str) -> T:
    """The settings of this process; or its end, with status 78 (EX_CONFIG) and one sentence on standard error."""
    try:
        return load(kind, service)
    except Misconfigured as error:
        print(f"{service} cannot start: {error}.", file=sys.stderr)  # noqa: T201  # there is no log yet
        sys.exit(78)


def fields_of(kind: type[BaseSettings]) -> list[tuple[str, FieldInfo]]:
    return list(kind.model_fields.items())


def variable_of(field: str, info: FieldInfo) -> Variable:
    """The variable of a field: what its annotation says, else `KITH_` and its own name."""
    said = next((one for one in info.metadata if isinstance(one, Variable)), None)
    return said or Variable(f"KITH_{field.upper()}", secret=info.annotation is SecretStr)


def _value(name: str, environ: Mapping[str, str]) -> str | None:
    file = environ.get(f"{name}_FILE")
    if file is None:
        return environ.get(name)
    if name in environ:
        raise Misconfigured(f"{name} and {name}_FILE are both set")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not text"
        raise Misconfigured(f"{name}_FILE cannot be read: {file}: {why}") from None


def _said(names: Mapping[str, str], kind: type[BaseSettings], error: dict[str, Any]) -> str:
    field = str(error["loc"][0])
    name = names.get(field, field)
    if error["type"] == "missing":
        description = kind.model_fields[field].description or ""
        return f"{name} is not set ({description.rstrip('.')})" if description else f"{name} is not set"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name} {message if message.startswith('is ') else f'is wrong: {message[0].lower()}{message[1:]}'}"
