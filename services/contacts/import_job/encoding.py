"""In which encoding a file is, and how sure one may be of it."""

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from chassis.errors import InvalidArgument
from kith.contacts.v1.import_job_pb2 import ImportJob

ENOUGH_LETTERS, FEW_LETTERS = 12, 4  # beyond ASCII, to tell encodings apart by; fewer only where no other comes close
GOOD, MARGIN, WIDE_MARGIN = 0.85, 0.25, 0.6
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, ""),  # before UTF-16's, which is how it begins; nobody writes tables in it
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Names that people and programs use -> the superset that reads them all. Windows says GBK, GB2312 or ANSI where the
# file holds GB 18030; what calls itself Latin-1 is Windows-1252 wherever the two differ.
_READ_AS = {
    **dict.fromkeys(("utf-8", "utf-8-sig", "ascii"), "utf-8"),
    **dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("cp1252", "iso8859-1"), "cp1252"),
    **{name: name for name in ("utf-16-le", "utf-16-be", "euc_kr", "euc_jp", "cp1251")},
}
NAMES = {"big5hkscs": "big5", "cp932": "shift_jis", "cp1252": "windows-1252"}  # as they are told

# GB 18030-2022 gives a place of their own to characters for which Python's tables, of 2000, have a private one.
_MOVED = re.findall(
    r"(\w+) (\w+)",
    """
    e7c7 1e3f  e78d fe10  e78e fe12  e78f fe11  e790 fe13  e791 fe14  e792 fe15  e793 fe16  e794 fe17  e795 fe18
    e796 fe19  e81e 9fb4  e826 9fb5  e82b 9fb6  e82c 9fb7  e832 9fb8  e843 9fb9  e854 9fba  e864 9fbb  e816 20087
    e817 20089 e818 200cc e831 215d7 e83b 2298f e855 241fe
    """,
)
GB_2022 = {int(private, 16): int(public, 16) for private, public in _MOVED}

_ACCENTED = set("äöüÄÖÜßéèêëàâáãçñóòôõíìîïúùûåÅøØæÆœÉÈÀÁÇÑÓÍÚ’‘“”–—€°·¿¡«»")


@dataclass(frozen=True, slots=True)
class Found:
    encoding: str  # as it is told: `utf-8`, `gb18030`, `windows-1252`
    certainty: ImportJob.Certainty.ValueType


def read_as(name: str) -> str:
    """The codec that reads what calls itself `name`. Raises InvalidArgument."""
    try:
        known = codecs.lookup(name.lower().replace("windows-", "cp")).name
    except (LookupError, ValueError):
        known = ""
    if known not in _READ_AS:
        raise InvalidArgument.of("encoding", f"{name!r} is none of {', '.join(sorted(_READ_AS))}")
    return _READ_AS[known]


def find_encoding(sample: bytes) -> Found | None:
    """Of the beginning of a file and of places in it that are not ASCII. None where it is no text."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return Found(encoding, ImportJob.CERTAIN) if encoding else None
    if b"\0" in sample:
        return _with_zeros(sample)
    if _mostly_controls(sample):
        return None
    if sample.isascii():
        return Found("utf-8", ImportJob.CERTAIN)
    if letters := _utf8_letters(sample):
        return Found("utf-8", ImportJob.CERTAIN if letters >= FEW_LETTERS else ImportJob.LIKELY)
    return _by_letters(sample)


def _with_zeros(sample: bytes) -> Found | None:
    """UTF-16 has a zero beside each ASCII letter, always on the same side."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even + odd < len(sample) / 50 or min(even, odd) > max(even, odd) / 20:
        return None
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    text = sample[: len(sample) // 2 * 2].decode(encoding, errors="replace")
    if text.count("\ufffd") > len(text) / 100 or re.search(r"[\0-\x08\x0e-\x1f]", text):
        return None
    return Found(encoding, ImportJob.LIKELY)


def _mostly_controls(sample: bytes) -> bool:
    return len(re.findall(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]", sample)) > len(sample) / 100


def _utf8_letters(sample: bytes) -> int:
    """How many letters beyond ASCII, if it is UTF-8 but for where the sample is cut; else 0."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return 0
    return sum(not letter.isascii() for letter in text)


def _by_letters(sample: bytes) -> Found:
    """Letters that are common in the right encoding come out as rare ones, or as none, in the wrong ones."""
    told = [(*_score(sample, codec, common), codec) for codec, common in _COMMON.items()]
    scores = sorted(told, key=lambda one: -one[0])  # of equals the first of our list
    (best, letters, codec), (second, _, _) = scores[0], scores[1]
    clear = letters >= ENOUGH_LETTERS and best - second >= MARGIN
    clear = clear or (letters >= FEW_LETTERS and best - second >= WIDE_MARGIN)
    sure = best >= GOOD and clear
    return Found(NAMES.get(codec, codec), ImportJob.LIKELY if sure else ImportJob.UNSURE)


def _score(sample: bytes, codec: str, common: Callable[[str], bool]) -> tuple[float, int]:
    text = codecs.getincrementaldecoder(codec)(errors="replace").decode(sample)
    times = Counter(text)
    letters = {letter: number for letter, number in times.items() if not letter.isascii() and _tells(letter)}
    total = sum(letters.values())
    if not total:
        return 0.0, 0
    good = sum(number for letter, number in letters.items() if common(letter))
    return (good - 10 * times["\ufffd"]) / total, total


def _tells(letter: str) -> bool:
    """Punctuation and full-width forms are at home in several encodings."""
    return (
        not ("\u3000" <= letter <= "\u303f" or "\uff01" <= letter <= "\uff5e") and unicodedata.category(letter) != "Zs"
    )


def _level_one(codec: str, first: int, last: int, kana: bool = False) -> Callable[[str], bool]:
    """Whether a character is among the common ones, which the old national standards put first."""

    def common(letter: str) -> bool:
        if kana and ("\u3040" <= letter <= "\u30ff" or "\uff61" <= letter <= "\uff9f"):
            return True
        try:
            coded = letter.encode(codec)
        except UnicodeEncodeError:
            return False
        return len(coded) == 2 and first <= coded[0] <= last

    return common


_COMMON: dict[str, Callable[[str], bool]] = {
    "gb18030": _level_one("gb2312", 0xB0, 0xD7),
    "big5hkscs": _level_one("big5", 0xA4, 0xC6),
    "cp932": _level_one("shift_jis", 0x88, 0x97, kana=True),
    "cp1252": _ACCENTED.__contains__,
}
