"""A text of which only its ends are shown: enough to recognise, too little to use."""

from chassis.values.email import masked_email
from chassis.values.phone import masked_phone


def masked(text: str) -> str:
    """ "138****8000" for a telephone number, "z***@example.com" for an address, "张***" for anything else."""
    if not text:
        return text
    if "@" in text:
        return masked_email(text)
    digits = sum(one.isdigit() for one in text)
    return masked_phone(text) if digits > 6 and digits * 2 > len(text) else f"{text[0]}***"
