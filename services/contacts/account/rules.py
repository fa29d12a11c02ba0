"""What is true of an account; plain functions, tested without a server."""

import re

from chassis.errors import FailedPrecondition, InvalidArgument
from contacts.reaching import settle_primary
from kith.contacts.v1.account_pb2 import Account

DEEPEST = 10  # accounts, from the topmost down

# GB 32100-2015: 17 characters of an alphabet without I, O, Z, S and V, and one that proves them.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [pow(3, place, 31) for place in range(17)]
_CODE = re.compile("[0-9A-Z]{18}")


class ParentCycle(FailedPrecondition): ...


class TooDeep(FailedPrecondition): ...


def check(account: Account) -> None:
    """What holds on every write."""
    settle_primary("emails", account.emails)
    settle_primary("phones", account.phones)
    account.registration_number = registration(account.registration_number, account.billing_address.region_code)
    if account.annual_revenue.units < 0 or account.annual_revenue.nanos < 0:
        raise InvalidArgument.of("annual_revenue", "cannot be negative")


def registration(number: str, region_code: str = "") -> str:
    """As it is kept: upper case, without blanks. Raises InvalidArgument for a unified social credit code that is none.

    Eighteen letters and digits are such a code, unless the account is known to be abroad.
    """
    plain = tidy_registration(number)
    if _CODE.fullmatch(plain) and region_code in ("", "CN") and not _proven(plain):
        raise InvalidArgument.of("registration_number", "has a wrong check character")
    return plain


def tidy_registration(number: str) -> str:
    plain = re.sub(r"[\s-]", "", number.upper())
    return plain if _CODE.fullmatch(plain) else number.strip()


def _proven(code: str) -> bool:
    if any(letter not in _ALPHABET for letter in code):
        return False
    total = sum(_ALPHABET.index(letter) * weight for letter, weight in zip(code, _WEIGHTS, strict=False))
    return _ALPHABET[-total % 31] == code[17]


def refuse_misplaced(id: str, above: list[str], below: int) -> None:
    """`above` are the ids from the wanted parent upwards, `below` how many levels hang under the account.

    Raises ParentCycle, TooDeep.
    """
    if id in above:
        raise ParentCycle("an account cannot be part of itself", parent_id=above[0])
    if len(above) + 1 + below > DEEPEST:
        raise TooDeep(f"accounts are at most {DEEPEST} deep", parent_id=above[0])
