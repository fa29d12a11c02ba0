"""What nobody chose: the passwords and keys of one installation, made once and kept in `secrets.json`."""

import secrets
import stat

from chassis.config import SERVICES
from cli.home import Home, Trouble

FILE = "secrets.json"


def secrets_of(home: Home) -> dict[str, str]:
    """All of them by name; missing ones are made now. Raises Trouble for a file that others may read."""
    known: dict[str, str] = home.read(FILE)
    file = home.folder / FILE
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise Trouble(f"Others may read {file}; run: chmod 600 {file}")
    missing = {name: form.format(secrets.token_hex(24)) for name, form in _forms().items() if name not in known}
    if missing:
        home.write(FILE, known | missing)
    return known | missing


def _forms() -> dict[str, str]:
    """Each one's name and what it looks like; keys are as chassis.access.authenticator reads them."""
    from chassis.database.walls import ROLES  # SQLAlchemy comes with it, and most commands need none of it

    passwords = ("postgres", "demo_password", *(f"{name}_{role}" for name in (*SERVICES, "events") for role in ROLES))
    keys = {f"{name}_key": f"kith_{name.replace('_', '')}_{{}}" for name in ("platform", "gateway", *SERVICES)}
    return {**dict.fromkeys((*passwords, "page_secret", "identity_secret", "gateway_secret"), "{}"), **keys}
