"""Who works with the suite in these tests: hired by the admin, signing in as people do."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.suite import Suite, ok


@dataclass(frozen=True)
class Hired:
    id: str
    email: str
    password: str


def hire(admin: httpx.Client, name: str, role: str, team_id: str) -> Hired:
    """A user with one of the tenant's roles, and a password that the admin has set."""
    roles = {one["displayName"]: one["id"] for one in ok(admin.get("/v1/roles"))["roles"]}
    email, password = f"{name}.{secrets.token_hex(4)}@demo.example", secrets.token_hex(12)
    user = {"email": email, "displayName": name, "roleIds": [roles[role]], "teamIds": [team_id]}
    made = ok(admin.post("/v1/users", json=user))
    ok(admin.post(f"/v1/users/{made['id']}:setPassword", json={"password": password}))
    return Hired(made["id"], email, password)


@contextmanager
def browser(suite: Suite, who: Hired) -> Iterator[httpx.Client]:
    """Signed in with e-mail and password, by a cookie and with the proof that changes by a cookie need."""
    with httpx.Client(base_url=suite.demo["url"], timeout=30, trust_env=False) as client:
        client.headers["origin"] = suite.demo["url"]
        signed_in = ok(client.post("/v1/session", json={"email": who.email, "password": who.password}))
        assert set(signed_in) == {"csrfToken"}  # what the browser needs; no token is told to scripts
        client.headers["x-kith-csrf"] = signed_in["csrfToken"]
        yield client
        ok(client.delete("/v1/session"))


def another_tenant(suite: Suite) -> str:
    """The access token of the admin of a tenant that has nothing to do with the others."""
    slug, password = f"other-{secrets.token_hex(4)}", secrets.token_hex(12)
    email = f"admin@{slug}.example"
    tenant = {"slug": slug, "displayName": slug, "baseCurrency": "EUR"}
    asked: dict[str, Any] = {
        "tenant": tenant,
        "provisionId": slug,
        "adminEmail": email,
        "adminDisplayName": "Admin",
        "adminPassword": password,
    }
    platform_key = json.loads((suite.home / "secrets.json").read_text())["platform_key"]
    with suite.client(platform_key) as platform:
        ok(platform.post("/v1/tenants:provision", json=asked))
    with httpx.Client(base_url=suite.demo["url"], timeout=30, trust_env=False) as client:
        signed_in = ok(client.post("/v1/session?mode=token", json={"email": email, "password": password}))
    token: str = signed_in["accessToken"]
    return token
