"""E-mail addresses: one form to keep, and one to show those who may not see it."""

import re
import unicodedata
from functools import lru_cache

import email_validator
from email_validator import EmailNotValidError, validate_email

from kith.v1.values_pb2 import EmailAddress

# A customer's own network may well be called so; the library documents this list as the place to say it.
for name in {"local", "test"}.intersection(email_validator.SPECIAL_USE_DOMAIN_NAMES):
    email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(name)

_WRAPPED = re.compile(r"^(?:mailto:)?\s*(?:[^<>]*<)?\s*([^<>\s]+)\s*>?$", re.IGNORECASE)
_BETWEEN = re.compile(r"[、/;；,，|\s]+")
# What leaves nothing to decide before the @; the library would take thirty times as long to say the same.
_PLAIN = re.compile(r"(?=.{1,200}$)([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@([a-z0-9.-]+)", re.DOTALL)


def parse_email(text: str) -> str:
    """An address as people write it, its domain in lower case and in ASCII. Raises ValueError when none can be meant.

    Nothing is looked up: whether anybody reads it is not known. The part before the @ is the receiving server's own
    business and keeps its case.
    """
    plain = _PLAIN.fullmatch(text)
    return f"{plain[1]}@{_domain(plain[2])}" if plain else _parsed(text)


@lru_cache(10_000)
def _domain(text: str) -> str:
    """Many people have their mail from few."""
    return _parsed(f"somebody@{text}").removeprefix("somebody@")


def _parsed(text: str) -> str:
    found = _WRAPPED.match(unicodedata.normalize("NFKC", text).replace("。", ".").strip())
    try:
        address = validate_email(
            found[1] if found else text, check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
        )
    except EmailNotValidError as problem:
        raise ValueError(f"is no e-mail address: {problem}") from None
    if "." not in address.ascii_domain:
        raise ValueError("is no e-mail address: its domain has no dot")
    return f"{address.local_part}@{address.ascii_domain.lower()}"


def split_emails(text: str) -> list[str]:
    """The addresses in one cell of a table, as written."""
    return [part for part in _BETWEEN.split(unicodedata.normalize("NFKC", text)) if part]


def tidy_email(email: EmailAddress) -> None:
    """Bring a message into the kept form. Raises ValueError, and then changes nothing."""
    email.address = parse_email(email.address)


def same_email(address: str) -> str:
    """What two kept addresses have in common if they mean one mailbox: no server in use tells them apart by case."""
    return address.casefold()


def masked_email(address: str) -> str:
    """For those without the right to read it: z***@example.com. Takes any text."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if local else "***"
