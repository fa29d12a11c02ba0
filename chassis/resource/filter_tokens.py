"""The text of a filter as tokens."""

import re
from typing import NamedTuple

from chassis.errors import InvalidArgument

_QUOTED = r'"(?:[^"\\]|\\[\s\S])*"'
_TOKEN = re.compile(
    rf"""\s*(?: (?P<text>{_QUOTED}) | (?P<op><=|>=|!=|=|<|>|:) | (?P<paren>[()])
    | (?P<word>\d[^\s()"<>=!]* | [^\s()"<>=!:]+(?:(?<=\.){_QUOTED})?) )
    """,  # only a moment, 2027-01-31T09:00:00Z, may hold a colon; a name may end in quotes: labels."cost center"
    re.VERBOSE,
)


class Token(NamedTuple):
    kind: str  # text (in quotes), op, paren, word, end
    raw: str

    @property
    def value(self) -> str:
        """Without quotes and escapes."""
        return unquoted(self.raw) if self.kind == "text" else self.raw


END = Token("end", "")


def tokens(text: str) -> list[Token]:
    """Raises InvalidArgument where no token begins."""
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise wrong(f"cannot read {text[at : at + 20]!r}")
        kind = token.lastgroup or ""
        found.append(Token(kind, token[kind]))
        at = token.end()
    return found


def unquoted(text: str) -> str:
    return re.sub(r"\\([\s\S])", r"\1", text[1:-1])


def quoted(text: str) -> str:
    """As a filter has to write it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def wrong(problem: str) -> InvalidArgument:
    return InvalidArgument.of("filter", problem)
