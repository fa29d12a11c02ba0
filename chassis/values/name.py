"""Names of people: which part is the family's, in the order of each script."""

import re
import unicodedata
from dataclasses import dataclass

from chassis.values.surnames import COMPOUND
from chassis.values.text import HAN, MIDDLE_DOTS

_HAN = re.compile(f"[{HAN}]")
_HAN_PART = re.compile(rf"[{HAN}][{HAN}\s{MIDDLE_DOTS}]*")
_TITLES = re.split(
    " ",
    "先生 女士 小姐 太太 夫人 同学 老师 教授 博士 医生 律师 总经理 经理 总监 主任 主管 局长 处长 科长 厂长 校长 院长 "
    "董事长 工程师 师傅 董 工 总",
)
_LATIN_TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam"}
_PARTICLES = set(re.split(" ", "van von der den de da di del della la le bin ibn al ter dos"))
_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "phd", "md"}
LONGEST = 5  # Chinese characters of a person's name without a dot


@dataclass(frozen=True, slots=True)
class PersonName:
    """Flat, as the contract has it. `other` is a name in another script written beside it: 张伟 (David)."""

    family_name: str = ""
    given_name: str = ""
    title: str = ""
    other: str = ""


def split_name(text: str) -> PersonName:
    """The parts of a name in one field. Never fails: what cannot be told apart is the given name."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    han = _HAN_PART.search(plain)
    if not han:
        return _latin(plain)
    before, after = plain[: han.start()], plain[han.end() :]
    named = _chinese(han[0].strip())
    return PersonName(named.family_name, named.given_name, named.title, f"{before} {after}".strip(" ()/,-"))


def full_name(family_name: str, given_name: str) -> str:
    """As one writes it: 张伟, 古丽·阿不都, Wei Zhang."""
    both = family_name + given_name
    if _HAN.search(both):
        # A family name behind a dot is what `split_name` makes of 古丽·阿不都; Chinese ones have one or two characters.
        dotted = len(family_name) > 2 or (len(family_name) == 2 and family_name not in COMPOUND and given_name)
        return f"{given_name}·{family_name}" if dotted and given_name else both
    return f"{given_name} {family_name}".strip()


def _chinese(text: str) -> PersonName:
    dotted = re.split(rf"[{MIDDLE_DOTS}]", text)
    if len(dotted) > 1:
        given, *rest = (part.strip() for part in dotted)
        return PersonName("·".join(rest), given)
    spaced = text.split()
    if len(spaced) == 2 and all(len(part) <= 2 for part in spaced):
        return PersonName(spaced[0], spaced[1])
    name, title = _untitled("".join(spaced))
    if len(name) > LONGEST or (len(name) == LONGEST and name[:2] not in COMPOUND):
        return PersonName("", name, title)
    wide = 2 if name[:2] in COMPOUND else 1
    return PersonName(name[:wide], name[wide:], title)


def _untitled(name: str) -> tuple[str, str]:
    """张总 is 张 with a title; 王小工 may well be called so, so a short title follows a family name alone."""
    for title in _TITLES:
        rest = name.removesuffix(title)
        alone = len(rest) == 1 or rest in COMPOUND
        if rest and rest != name and (len(title) > 1 or alone):
            return rest, title
    return name, ""


def _latin(text: str) -> PersonName:
    family, comma, given = text.partition(",")
    if comma and given.strip().rstrip(".").lower() not in _SUFFIXES:
        return PersonName(family.strip(), given.strip())
    words = text.replace(",", " ").split()
    title = words.pop(0) if len(words) > 1 and words[0].rstrip(".").lower() in _LATIN_TITLES else ""
    suffix = f" {words.pop()}" if len(words) > 2 and words[-1].rstrip(".").lower() in _SUFFIXES else ""
    if len(words) < 2:
        return PersonName("", " ".join(words), title)
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return PersonName(" ".join(words[start:]) + suffix, " ".join(words[:start]), title)
