"""Telephone numbers: one form to keep, one to show, one to show those who may not see it."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers

from kith.v1.values_pb2 import PhoneNumber

HOME = "CN"
_EXTENSION = re.compile(
    r"(?P<number>.*?)[\s,(\-]*(?:转|轉|分机号?|分機|内线|內線|ext(?:ension|n)?\.?|x|#|;ext=)[\s:：.]*(?P<extension>\d{1,8})\)?$",
    re.IGNORECASE,
)
_DASHED = re.compile(r"(?P<number>.*\d.*)-(?P<extension>\d{1,6})$")
_BETWEEN = re.compile(r"[、/;；,，|\n\r]+|(?<=\d)\s*或\s*(?=[\d+(])")
_DASHES = re.compile("[\u2010-\u2015\u2212\u2500\u30fc\ufe58~]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")  # spreadsheets leave them in cells
# Answered in China only, in one form, and by no person: 400 and 800 lines, banks and carriers, the state's own.
_SERVICE = re.compile(r"(?:400|800)\d{7}|9[56]\d{3,6}|1010\d{4}|100\d{2}|1[12]\d{1,4}")
# Most numbers, by the pattern that phonenumbers has for them too; it would take thirty times as long.
_PLAIN_MOBILE = re.compile(r"(?:\+86)?(1(?:[38][0-9]|[59][0-35-9])[0-9]{8})")
_GAPS = {ord(gap): None for gap in " -"}
_MOBILE = re.compile(r"\+861[3-9]\d{9}")


@dataclass(frozen=True, slots=True)
class Phone:
    """`number` in E.164, or as dialled where it is a service number; `extension` in digits, or empty."""

    number: str
    extension: str = ""


def parse_phone(text: str, region: str = HOME) -> Phone:
    """A number as people write it in `region` (ISO 3166-1). Raises ValueError when none can be meant."""
    if region == HOME and (mobile := _PLAIN_MOBILE.fullmatch(text.translate(_GAPS))):
        return Phone(f"+86{mobile[1]}")
    plain = _UNSEEN.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text))).strip()
    plain = re.sub(r"^(?:tel|phone|mobile|电话|手机)\s*[:：.]?\s*", "", plain, flags=re.IGNORECASE)
    said = _EXTENSION.fullmatch(plain)
    if said and any(letter.isdigit() for letter in said["number"]):
        return Phone(_number(said["number"], region), said["extension"])
    try:
        return Phone(_number(plain, region))
    except ValueError:
        dashed = _DASHED.fullmatch(plain)  # 010-12345678-801: only where it is no number as a whole
        if not dashed:
            raise
    return Phone(_number(dashed["number"], region), dashed["extension"])


def split_phones(text: str) -> list[str]:
    """The numbers in one cell of a table, as written: 138…、139…; none in an empty one."""
    return [part.strip() for part in _BETWEEN.split(unicodedata.normalize("NFKC", text)) if part.strip()]


def tidy_phone(phone: PhoneNumber) -> None:
    """Bring a message into the kept form. Raises ValueError, and then changes nothing."""
    parsed = parse_phone(phone.number)
    phone.number = parsed.number
    if parsed.extension:
        phone.extension = parsed.extension


def can_receive_text(number: str) -> bool:
    """Whether a kept number may be sent an SMS: a Chinese mobile, or abroad what is not known to be a fixed line."""
    if not number.startswith("+"):
        return False
    if number.startswith("+86"):
        return bool(_MOBILE.fullmatch(number))
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def shown_phone(number: str, extension: str = "", *, joined_by: str = " 转 ") -> str:
    """A kept number for a person: 138 0013 8000, 010 1234 5678, 400 800 1234, +1 415-555-2671."""
    if _MOBILE.fullmatch(number):
        shown = f"{number[3:6]} {number[6:10]} {number[10:]}"
    elif number.startswith("+86"):
        shown = phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.NATIONAL)
    elif number.startswith("+"):
        shown = phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    else:
        shown = f"{number[:3]} {number[3:6]} {number[6:]}" if len(number) == 10 else number
    return f"{shown}{joined_by}{extension}" if extension else shown


def masked_phone(number: str) -> str:
    """For those without the right to read it: 138****8000. Takes any text, and never gives more than seven digits."""
    local = number.removeprefix("+86")
    if len(local) < 8:
        return "*" * max(len(local) - 2, 4) + (local[-2:] if len(local) > 4 else "")
    kept = 3 if len(local) > 10 else 2
    return f"{local[:kept]}****{local[-4:]}"


def _number(text: str, region: str) -> str:
    digits = re.sub(r"[\s\-().·]", "", text)
    digits = re.sub(r"^(?:00|\+)?86(?=(?:1[3-9]\d{9}|(?:400|800)\d{7})$)", "", digits)
    if region == HOME and _SERVICE.fullmatch(digits):
        return digits
    try:
        parsed = phonenumbers.parse(re.sub(r"^\s*\(?00(?=[1-9])", "+", text), region)
    except phonenumbers.NumberParseException:
        raise ValueError("is no telephone number") from None
    if parsed.country_code == 86:
        known = phonenumbers.is_valid_number(parsed)  # a number without its area code is possible, but rings nowhere
    else:
        reason = phonenumbers.is_possible_number_with_reason(parsed)
        known = reason == phonenumbers.ValidationResult.IS_POSSIBLE
    if not known or re.search(r"[A-Za-z\u4e00-\u9fff]", text):
        raise ValueError("is no telephone number")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
