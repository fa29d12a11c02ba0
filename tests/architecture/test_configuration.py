"""The table of options that operators read is what the classes say, no more and no less."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from chassis.config import EventSettings, MigrationSettings, ServiceSettings, Settings, fields_of, variable_of
from chassis.mail.settings import MailSettings
from cli.settings import kind_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "operator" / "configuration.md"
ROW = re.compile(r"^\| `([^`]+)` \| (?:`([^`]+)`|([^|]*?)) \| (.*) \|$", re.MULTILINE)
# Heading → the classes whose fields stand below it, without those of the class it stands below itself.
SECTIONS: dict[str, list[type[BaseSettings]]] = {
    "Every process": [Settings],
    "Events": [EventSettings],
    "Services": [ServiceSettings, MigrationSettings],
    "Mail": [MailSettings],
    "Identity": [kind_of("identity")],
    "Gateway": [kind_of("gateway")],
}


def section(heading: str) -> str:
    return PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def default(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value.relative_to(ROOT))
    return ",".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)


def declared(kind: type[BaseSettings]) -> list[tuple[str, str, str]]:
    above = {field for one in kind.__mro__[1:] for field in getattr(one, "model_fields", {})}
    return [
        (variable_of(field, info).name, "" if info.is_required() else default(info.default), info.description or "")
        for field, info in fields_of(kind)
        if field not in above
    ]


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_table_is_what_the_class_says(heading: str) -> None:
    told = [(name, quoted or plain, says) for name, quoted, plain, says in ROW.findall(section(heading))]
    wanted = [row for kind in SECTIONS[heading] for row in declared(kind)]
    lines = "\n".join(f"| `{name}` | {f'`{value}`' if value else ''} | {says} |" for name, value, says in wanted)
    assert told == wanted, f"the table should be:\n{lines}"


def test_every_option_says_what_it_is() -> None:
    assert [row[0] for kinds in SECTIONS.values() for kind in kinds for row in declared(kind) if not row[2]] == []
