"""What a service is told by its environment, for people: each variable and its value, secrets as stars."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from chassis.config import PORTS, Misconfigured, ServiceSettings, fields_of, load, variable_of
from cli.generated import secrets_of
from cli.home import Home, Trouble
from cli.suite import GATEWAY, Suite, server_of

STARS = "***"


def kind_of(service: str) -> type[BaseSettings]:
    """The class of its settings. Raises Trouble for one that there is not."""
    if service not in PORTS:
        raise Trouble(f"There is no service {service!r}; there are {', '.join(PORTS)}.", 2)
    if service == GATEWAY:
        from gateway.config import Settings  # these two have classes of their own

        return Settings
    if service == "identity":
        from identity.settings import IdentitySettings

        return IdentitySettings
    return ServiceSettings


def environment_of(home: Home, service: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What `kith up` tells it here, or only what is set where nothing was ever started."""
    if not (home.folder / "secrets.json").exists():
        return dict(environ)
    suite = Suite(home, secrets_of(home), environ)
    return suite.environment(service, server_of(suite)) | dict(environ)


def show(home: Home, service: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Raises Trouble naming what is wrong or missing."""
    try:
        settings = load(kind_of(service), service, environment_of(home, service, environ))
    except Misconfigured as error:
        raise Trouble(f"{service} could not start: {error}.", 78) from None
    return shown(settings, service)


def shown(settings: BaseSettings, service: str) -> dict[str, str]:
    """By the variable's name; a secret URL keeps all but its password."""
    found = {}
    for field, info in fields_of(type(settings)):
        variable, value = variable_of(field, info), getattr(settings, field)
        plain = value.get_secret_value() if isinstance(value, SecretStr) else _plain(value)
        secret = variable.secret or variable.name.endswith(("_SECRET", "_KEY", "_DATABASE_URL"))
        found[variable.name.format(SERVICE=service.upper())] = _redacted(plain) if secret else plain
    return found


def _plain(value: object) -> str:
    return ",".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)


def _redacted(value: str) -> str:
    parts = urlsplit(value)
    if parts.hostname:
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit((parts.scheme, f"{parts.username}:{STARS}@{parts.hostname}{port}", parts.path, "", ""))
    return STARS if value else ""
