"""How Chinese text is read: its syllables for a search, and one key that sorts names as people expect."""

import re
import unicodedata
from array import array
from collections.abc import Iterator
from functools import cache, lru_cache

from chassis.values.surnames import COMPOUND, READINGS, table_of
from chassis.values.text import HAN, MIDDLE_DOTS, normalised, package_text

# Words whose characters are mostly read otherwise; single ones stand for their commonest reading.
USUAL = table_of("""
    重庆chong2qing4 银行yin2hang2 商行shang1hang2 长春chang2chun1 音乐yin1yue4 重工zhong4gong1 朝阳chao2yang2
    大厦da4sha4 会计kuai4ji4 西藏xi1zang4 六安lu4an1 蚌埠beng4bu4 台州tai1zhou1 番禺pan1yu2 大夫dai4fu1 调味tiao2wei4
    长chang2 都du1 厦xia4 晟sheng4 翟zhai2 柏bai3 石shi2 藏cang2 差cha1 车che1 地di4 得de2 和he2 大da4 了liao3
    卜bu3 参can1 阚kan4 葛ge3 牟mu4 繁fan2 强qiang2 中zhong1 乐le4 曾zeng1 俟si4 适shi4 数shu4 省sheng3 校xiao4
""")
_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_ENTRY = re.compile(r'"(\d+)": "([^"]*)"')
_IS_HAN = re.compile(f"[{HAN}]")
_BETWEEN = re.compile(rf"(?<=[{HAN}])[\s{MIDDLE_DOTS}]+(?=[{HAN}])")
_BLOCKS = ((0x3400, 0x9FFF), (0x20000, 0x323AF))
KEY_OF = 60  # characters of a text that its sort key is made of


def name_sort_key(text: str) -> str:
    """What `text` sorts by, the same on any PostgreSQL under collation "C".

    Chinese characters sort by syllable, tone and character, so that homophones keep apart and a surname together;
    Latin words sort among them by their letters without regard to case. A text that can be a person's name, of two to
    four Chinese characters, begins with the reading of its surname: 单雄信 under shan, 曾国藩 under zeng.
    """
    plain = _BETWEEN.sub("", " ".join(normalised(text).split()))[:KEY_OF]
    if plain.isascii():
        return plain
    return "".join(f"{spoken[0]}{letter}" if spoken else letter for letter, spoken in _read(plain))


def syllables(run: str) -> list[tuple[str, ...]]:
    """Of each Chinese character the ways it is spelled, the likeliest first; of a first one as a surname, too."""
    found = [_spellings(spoken) for _, spoken in _read(run, as_word=True)]
    surname = COMPOUND.get(run[:2]) or READINGS.get(run[:1], ())
    for at, spoken in enumerate(surname):
        found[at] = tuple(dict.fromkeys((*_spellings((spoken,)), *found[at])))
    return found


@cache  # as many as there are ways to read a character
def _spellings(spoken: tuple[str, ...]) -> tuple[str, ...]:
    """Without tones; ü is typed as v, and as u by many."""
    plain = [one.rstrip("12345") for one in spoken]
    return tuple(dict.fromkeys(spelled for one in plain for spelled in ((one, one.replace("v", "u")))))


def _read(text: str, *, as_word: bool = False) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each character with its readings; none for what is no Chinese character."""
    at = 0
    if not as_word and _may_be_name(text):
        surname = COMPOUND.get(text[:2]) or READINGS.get(text[:1], ())
        yield from zip(text, ((spoken,) for spoken in surname), strict=False)
        at = len(surname)
    while at < len(text):
        word = USUAL.get(text[at : at + 2], ())
        if len(word) == 2:
            yield from ((text[at], (word[0],)), (text[at + 1], (word[1],)))
            at += 2
            continue
        yield text[at], readings(text[at])
        at += 1


def _may_be_name(text: str) -> bool:
    longest = 5 if text[:2] in COMPOUND else 4
    return 2 <= len(text) <= longest and all(_IS_HAN.match(letter) for letter in text)


@lru_cache(8192)
def readings(letter: str) -> tuple[str, ...]:
    """Up to two, each a syllable and its tone (5: none); nothing for what is no Chinese character."""
    code = ord(letter)
    known: tuple[str, ...] = ()
    for (first, last), places in zip(_BLOCKS, _dictionary()[0], strict=True):
        if first <= code <= last:
            known = _dictionary()[1][places[code - first]]
    usual = USUAL.get(letter)
    if usual is None:
        return known
    return tuple({spoken.rstrip("12345"): spoken for spoken in reversed((*usual, *known))}.values())[::-1][:2]


@cache
def _dictionary() -> tuple[list["array[int]"], list[tuple[str, ...]]]:
    """pypinyin's table of characters, kept as places in a list of the readings there are: 1 MB, read in 60 ms.

    Its own module holds phrases too and takes 60 MB, which is more than half of what a process may take.
    """
    kinds: dict[tuple[str, ...], int] = {(): 0}
    blocks = [array("H", bytes(2 * (last - first + 1))) for first, last in _BLOCKS]
    for code, spelled in _ENTRY.findall(package_text("pypinyin", "pinyin_dict.json")):
        place = kinds.setdefault(_spoken(spelled), len(kinds))
        for (first, last), places in zip(_BLOCKS, blocks, strict=True):
            if first <= int(code) <= last:
                places[int(code) - first] = place
    return blocks, list(kinds)


def _spoken(spelled: str) -> tuple[str, ...]:
    """`lǜ,lù` as `lv4 lu4`: the first two that differ by more than tone."""
    found: dict[str, str] = {}
    for one in spelled.split(","):
        apart = unicodedata.normalize("NFD", one).replace("u\u0308", "v")
        tone = next((_TONES[mark] for mark in apart if mark in _TONES), "5")
        found.setdefault("".join(letter for letter in apart if letter.isascii()), tone)
    return tuple(syllable + tone for syllable, tone in [*found.items()][:2])
