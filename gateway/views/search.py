"""Words over every noun that words can find: nouns side by side, what begins with the words first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.codec.reader import Fault
from gateway.nouns import Noun
from gateway.problems import invalid, required
from gateway.views.parts import Got, Part, Parts

LOOKED_AT, SHOWN = 50, 10  # records of a noun
LONGEST, WORDS = 200, 8
SECONDS = 2.0
LONGEST_TITLE = 120
# What marketing keeps of contacts, which are found themselves.
NOT_SEARCHED = {"marketing.contact_fact", "marketing.campaign_member", "marketing.segment_membership"}


def searched(nouns: Iterable[Noun]) -> dict[str, Noun]:
    """The nouns that are searched, by the name of their part."""
    return {noun.name: noun for noun in nouns if noun.searchable and noun.list and noun.name not in NOT_SEARCHED}


def filter_of(query: str) -> str:
    """Bare words of the filter language: every one must be found. Raises Problem for a query without a word."""
    words = [word for word in query.split() if any(c.isalnum() for c in word)][:WORDS]
    if not words:
        raise invalid([required("query")])
    if len(query) > LONGEST or "\0" in query:
        raise invalid([Fault("query", "OUT_OF_RANGE", f"must have at most {LONGEST} characters, and none of them NUL")])
    return " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)


def parts_of(nouns: Mapping[str, Noun]) -> Parts:
    """One list a noun; the view's subject is the filter."""
    return {name: Part(noun.list.full_name, _found, noun.plural, SECONDS) for name, noun in nouns.items() if noun.list}


def _found(subject: str, got: Got) -> Mapping[str, Any]:
    return {"filter": subject, "page_size": LOOKED_AT}


def grouped(nouns: Mapping[str, Noun], query: str, got: Mapping[str, Any]) -> dict[str, Any]:
    """{"results": [{noun, plural, label, records}], "missing": …}; a noun in which nothing was found is left out."""
    results = [
        {"noun": name, "plural": noun.plural, "label": noun.label, "records": ranked(noun, query, got[name])}
        for name, noun in nouns.items()
        if got[name]
    ]
    return {"results": results, "missing": got["missing"]}


def ranked(noun: Noun, query: str, records: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Titles that begin with the query, those with a word that does, and then the others as they came."""
    wanted = query.strip().casefold()
    titled = [
        {"id": str(one["id"]), "displayName": str(one.get(noun.title_field, ""))[:LONGEST_TITLE]} for one in records
    ]
    return sorted(titled, key=lambda one: _rank(one["displayName"].casefold(), wanted))[:SHOWN]


def _rank(title: str, wanted: str) -> int:
    if title.startswith(wanted):
        return 0
    return 1 if f" {wanted}" in title else 2 if wanted in title else 3
