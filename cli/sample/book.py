"""What a rep sells from: their customers as they were taken in, the days one counts from, and what things cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from cli.sample.chance import chance
from cli.sample.door import ADMIN, Door
from cli.sample.files import SYSTEM
from cli.sample.organisation import Rep

CURRENCIES = ("CNY", "CNY", "CNY", "USD", "EUR")


@dataclass(frozen=True)
class Book:
    """`contacts` are in the order of their keys; `accounts` by id."""

    rep: Rep
    contacts: list[Any]
    accounts: dict[str, Any]

    def random(self, what: str) -> Random:
        return chance(f"{what} of {self.rep.worker.key}")

    def account_of(self, contact: Any) -> Any:
        return self.accounts[contact.account_id]


async def books_of(door: Door, reps: Sequence[Rep]) -> list[Book]:
    """As the imports have filled them: what came of leads since would make other plans."""
    accounts = [one for one in await door.listed(ADMIN, "Accounts.ListAccounts") if _key(one)]
    contacts = [one for one in await door.listed(ADMIN, "Contacts.ListContacts") if _key(one)]
    known = {rep.worker.key: Book(rep, [], {}) for rep in reps}
    for account in accounts:
        known[_key(account).rsplit(".", 1)[0]].accounts[account.id] = account
    for contact in sorted(contacts, key=_key):
        book = known[_key(contact).rsplit(".", 2)[0]]
        if contact.account_id in book.accounts:
            book.contacts.append(contact)
    return list(known.values())


def is_chinese(text: str) -> bool:
    return not text.isascii() and any("\u4e00" <= letter <= "\u9fff" for letter in text)


def money(random: Random, least: int, most: int) -> dict[str, Any]:
    """Whole hundreds, few of them large."""
    amount = int(least * (most / least) ** random.random()) // 100 * 100
    return {"currency_code": random.choice(CURRENCIES), "units": amount}


def day(days: int) -> dict[str, int]:
    """So many days from today, as google.type.Date."""
    that = datetime.now(UTC).date() + timedelta(days=days)
    return as_date(that)


def as_date(that: date) -> dict[str, int]:
    return {"year": that.year, "month": that.month, "day": that.day}


def moment(days: float) -> datetime:
    """So many days from now, as a protobuf Timestamp takes it."""
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)


def _key(customer: Any) -> str:
    return next((one.id for one in customer.external_ids if one.system == SYSTEM), "")
