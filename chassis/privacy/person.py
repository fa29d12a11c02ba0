"""Who is looked for: the addresses and numbers of one person, and the names they are known by."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import orjson

from chassis.errors import InvalidArgument
from chassis.values.email import parse_email, same_email
from chassis.values.phone import parse_phone

MARK = "[erased]"
SHORTEST_LATIN, SHORTEST = 5, 2  # a shorter name is found in words that have nothing to do with anybody
_BETWEEN = re.compile(r"[、，,;；\n\r]+")
_HOME = "+86"


@dataclass(frozen=True)
class Known:
    """What is known of a person: e-mail addresses without regard to case, numbers as they are kept, and names."""

    emails: frozenset[str] = field(default_factory=frozenset)
    phones: frozenset[str] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: "Known") -> "Known":
        return Known(self.emails | other.emails, self.phones | other.phones, self.names | other.names)

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones)

    def meets(self, other: "Known") -> bool:
        """Whether they have an address or a number in common."""
        return bool(self.emails & other.emails or self.phones & other.phones)

    def written(self) -> str:
        return orjson.dumps({name: sorted(getattr(self, name)) for name in ("emails", "phones", "names")}).decode()

    @cached_property
    def identifiers(self) -> list[str]:
        """What a text that mentions them holds, in lower case."""
        return sorted(self.emails | {_local(phone) for phone in self.phones})

    @cached_property
    def pattern(self) -> str:
        """What is struck out of texts, to be used without regard to case: the same to Python and to PostgreSQL."""
        numbers = [r"\+?" + r"[ .()-]*".join(phone.removeprefix("+")) for phone in self.phones]
        numbers += [r"[ .()-]*".join(_local(phone)) for phone in self.phones]
        texts = sorted(self.emails | self.names, key=len, reverse=True)
        return "|".join([*map(re.escape, texts), *sorted(numbers, key=len, reverse=True)])


def known_in(text: str) -> Known:
    """What `Known.written` wrote."""
    said = orjson.loads(text)
    return Known(*(frozenset(said[name]) for name in ("emails", "phones", "names")))


def identifiers_in(text: str, field: str = "identifiers") -> Known:
    """Addresses and numbers as people list them. Raises InvalidArgument, which does not repeat what was wrong."""
    emails, phones = set(), set()
    parts = [part.strip() for part in _BETWEEN.split(unicodedata.normalize("NFKC", text)) if part.strip()]
    for at, part in enumerate(parts, 1):
        try:
            if "@" in part:
                emails.add(same_email(parse_email(part)))
            else:
                phones.add(parse_phone(part).number)
        except ValueError:
            raise InvalidArgument.of(field, f"number {at} is no e-mail address and no telephone number") from None
    return Known(frozenset(emails), frozenset(phones))


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Those that can be looked for: whole names, not their parts, and none so short that it says nobody's."""
    long = {text.strip() for text in texts if text != MARK and len(text.strip()) >= _shortest(text)}
    whole = {one for one in long if not any(one != other and one in other for other in long)}
    return frozenset(whole)


def _shortest(text: str) -> int:
    return SHORTEST_LATIN if text.isascii() else SHORTEST


def _local(phone: str) -> str:
    """As it is dialled at home, which is part of every way to write it."""
    return phone.removeprefix(_HOME).removeprefix("+")
