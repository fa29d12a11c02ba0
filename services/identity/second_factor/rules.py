"""When a second factor is due, and what a code of an authenticator app is (RFC 6238)."""

import hmac
import struct
from collections.abc import Collection
from urllib.parse import quote, urlencode

import orjson

# In a session's auth_methods: a second factor was shown; `mfa` to a provider that the tenant trusts to say so.
STRONG = frozenset({"totp", "recovery_code", "passkey", "mfa"})
STEP_SECONDS, DIGITS = 30, 6
DRIFT = 1  # steps that a phone's clock may be off, either way (RFC 6238, 5.2)


def is_due(*, required: bool, held: Collection[str], shown: Collection[str] | None, by_key: bool) -> bool:
    """`held` are the user's second factors, `shown` what their session has shown; None where there is no session.

    A key is shown by nobody twice, but under a policy its user has to have a second factor: else a key made while one
    was signed in with a password only would be the way around. Work on a user's behalf was set up by a whole session.
    """
    if shown is not None:
        return (required or bool(held)) and STRONG.isdisjoint(shown)
    return by_key and required and not held


def is_required(policy: str | None) -> bool:
    """Of a tenant, by its security policy as the column has it."""
    return bool(orjson.loads(policy).get("mfa_required")) if policy else False


def code_of(secret: bytes, step: int) -> str:
    """What the app shows in that step since 1970 (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    at = mac[-1] & 0xF
    return str(int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF)[-DIGITS:].zfill(DIGITS)


def step_of(secret: bytes, code: str, seconds: float, after: int) -> int | None:
    """The step whose code this is, among the present one and its neighbours; none up to `after`, which were shown."""
    now, found = int(seconds) // STEP_SECONDS, None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def plain(code: str) -> str:
    """As people type it: blanks and dashes do not matter, nor do capitals."""
    return code.replace(" ", "").replace("-", "").lower()


def uri_of(secret: str, email: str, tenant: str) -> str:
    """For authenticator apps (Google's key URI format)."""
    label = quote(f"{tenant}:{email}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': tenant})}"
