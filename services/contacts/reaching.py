"""How somebody is reached: of several addresses or numbers one is the first."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Index

from chassis.errors import InvalidArgument


class Way(Protocol):
    """An e-mail address or a telephone number."""

    primary: bool


def settle_primary(field: str, ways: Sequence[Way]) -> None:
    """The first is primary where none is. Raises InvalidArgument when several are."""
    primary = [at for at, way in enumerate(ways) if way.primary]
    if len(primary) > 1:
        raise InvalidArgument.of(f"{field}[{primary[1]}].primary", "only one can be primary")
    if ways and not primary:
        ways[0].primary = True


def found_by(table: str, *fields: str) -> list[Index]:
    """Indexes to find records by one of several values: by address in an import, by tag when that is deleted.

    New entries go where they belong at once: while they wait in a list, as is usual, each search reads the whole list,
    and an import searches some hundred times between two writes.
    """
    kinds = {"emails": {"emails": "jsonb_path_ops"}, "phones": {"phones": "jsonb_path_ops"}}
    return [
        Index(
            f"{table}_with_{name}",
            "tenant_id",
            name,
            postgresql_using="gin",
            postgresql_ops=kinds.get(name, {}),
            postgresql_with={"fastupdate": "off"},
        )
        for name in fields
    ]
