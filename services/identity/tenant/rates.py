"""What other currencies are worth in the one a tenant counts in."""

from decimal import Decimal

import orjson

from chassis.errors import InvalidArgument
from kith.identity.v1.tenant_pb2 import Tenant

# Of ISO 4217, those that somebody pays with.
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())


def refuse_wrong_rates(tenant: Tenant) -> None:
    """Raises InvalidArgument naming every bad one."""
    problems: dict[str, str] = {}
    seen: set[str] = set()
    for at, one in enumerate(tenant.exchange_rates):
        place = f"exchange_rates[{at}]"
        if one.currency_code == tenant.base_currency:
            problems[f"{place}.currency_code"] = "is the base currency itself"
        elif one.currency_code not in CURRENCIES:
            problems[f"{place}.currency_code"] = f"{one.currency_code} is no currency of ISO 4217"
        elif one.currency_code in seen:
            problems[f"{place}.currency_code"] = f"{one.currency_code} has a rate already"
        if not Decimal(one.rate):
            problems[f"{place}.rate"] = "is not above zero"
        seen.add(one.currency_code)
    if problems:
        raise InvalidArgument("; ".join(f"{path}: {said}" for path, said in problems.items()), fields=problems)


def rates_in(stored: str) -> dict[str, Decimal]:
    """One unit of each in the base currency, from the column."""
    return {one["currency_code"]: Decimal(one["rate"]) for one in orjson.loads(stored)}
