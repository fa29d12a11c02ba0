"""What an amount comes to in the currency its tenant counts in: worked out when it is written, and kept with it."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from google.protobuf.descriptor import Descriptor

from chassis.access.caller import Caller
from chassis.errors import TenantUnknown
from chassis.resource.kinds import amount_of, decimal_text

MONEY = "kith.v1.Money"
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)  # a product has up to 49 digits; the default keeps 28
_BILLIONTH = Decimal(1).scaleb(-9)
_LARGEST = Decimal(10) ** 19  # what Numeric(28, 9) holds


def amounts_in(noun: Descriptor) -> tuple[str, ...]:
    """The fields of a noun that hold one amount each."""
    return tuple(
        field.name
        for field in noun.fields
        if field.message_type and field.message_type.full_name == MONEY and not field.is_repeated
    )


def reckon(caller: Caller, names: Iterable[str], record: Any, before: Any = None) -> None:
    """Give each of the amounts `names` what it comes to.

    One that a change leaves as it was keeps what it had, so that new rates rewrite no report; where it had nothing it
    gets it now. A new record may bring it along from the record its amount is of. Raises TenantUnknown.
    """
    for name in names:
        if not record.HasField(name):
            continue
        amount = getattr(record, name)
        if before is None:
            if not amount.HasField("base_amount"):
                _convert(caller, amount)
        elif not before.HasField(name) or not _same(amount, getattr(before, name)):
            _convert(caller, amount)
        elif (kept := getattr(before, name)).HasField("base_amount"):
            amount.base_amount = kept.base_amount
        elif caller.base_currency:
            _convert(caller, amount)
        else:
            amount.ClearField("base_amount")


def _same(one: Any, other: Any) -> bool:
    return bool(one.units == other.units and one.nanos == other.nanos and one.currency_code == other.currency_code)


def _convert(caller: Caller, amount: Any) -> None:
    if caller.is_service and not caller.base_currency:
        raise TenantUnknown("what this tenant counts in is not known yet; retry")
    found = in_base(caller, amount)
    if found is None:
        amount.ClearField("base_amount")
    else:
        amount.base_amount = decimal_text(found)


def in_base(caller: Caller, amount: Any) -> Decimal | None:
    """To the billionth, halves to the even one; None without a rate, and for 10^19 or more, which no column holds."""
    if amount.currency_code == caller.base_currency:
        return amount_of(amount)
    rate = caller.exchange_rates.get(amount.currency_code)
    if rate is None:
        return None
    found = _EXACT.quantize(_EXACT.multiply(amount_of(amount), rate), _BILLIONTH)
    return found if abs(found) < _LARGEST else None
