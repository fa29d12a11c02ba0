"""How a text is a table: what stands between cells and around them, and whether its first line names the columns."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from chassis.values.phone import parse_phone

DELIMITERS, QUOTES = ",;\t|，；", "\"'"
LOOKED_AT = 200  # rows
csv.field_size_limit(1_000_000)  # characters of one cell


def find_delimiter(text: str, quote: str) -> str:
    """The one that gives the most rows the same number of cells; a comma where the table has one column."""
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        rows = rows_of(text, delimiter, quote)
        widths = Counter(map(len, rows))
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        score = times / len(rows) if rows else 0.0, width
        if width > 1 and score > best:
            best, chosen = score, delimiter
    return chosen


def find_quote(text: str) -> str:
    """A double quote, unless cells begin and end with single ones."""
    counted = {
        quote: len(re.findall(rf"(?:^|[,;\t|]){quote}[^\n]*?{quote}(?=[,;\t|\r\n]|$)", text)) for quote in QUOTES
    }
    return "'" if counted["'"] > counted['"'] else '"'


def rows_of(text: str, delimiter: str, quote: str) -> list[list[str]]:
    """The first rows, without empty ones. A table that cannot be read on ends where that is."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == LOOKED_AT:
                break
    except csv.Error:
        pass
    return rows


def names_columns(first: Sequence[str]) -> bool:
    """Whether a row is a header: its cells differ, and none is a value such as an address, a number or a day."""
    cells = [cell.strip() for cell in first if cell.strip()]
    return bool(cells) and len({cell.casefold() for cell in cells}) == len(cells) and not any(map(_is_value, cells))


def column_names(first: Sequence[str]) -> list[str]:
    """Each once: an empty one by its place, a second of a name by how many there are."""
    names: list[str] = []
    for place, cell in enumerate(first, 1):
        name = cell.strip().strip("\ufeff")[:250] or str(place)
        times = 2
        unique = name
        while unique in names:
            unique, times = f"{name} ({times})", times + 1
        names.append(unique)
    return names


def _is_value(cell: str) -> bool:
    if "@" in cell or re.fullmatch(r"[\d\s.,:/年月日-]+", cell):
        return True
    try:
        parse_phone(cell)
    except ValueError:
        return False
    return True
