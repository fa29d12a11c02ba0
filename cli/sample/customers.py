"""Who the sample's customers are: companies and the people in them, made of parts, the same for the same seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from cli.sample import words
from cli.sample.places import City

ABROAD = 0.2  # of companies
_SURNAMES = [(name, pinyin) for name, pinyin, _ in words.SURNAMES]
_OFTEN = [often for _, _, often in words.SURNAMES]
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # of GB 32100-2015
_MOBILES = ("134", "136", "138", "139", "150", "158", "186", "188")


@dataclass(frozen=True)
class Person:
    name: str
    mailbox: str
    position: str
    phone: str
    birthday: str = ""


@dataclass(frozen=True)
class Company:
    """`kind` is a value of Account.Type as its Chinese label says it; `place` is `address` as a PostalAddress."""

    name: str
    domain: str
    registration_number: str
    industry: str
    kind: str
    employees: int
    revenue: str
    phone: str
    address: str
    place: Mapping[str, str]
    source: str
    people: tuple[Person, ...]

    @property
    def abroad(self) -> bool:
        return not self.registration_number


def companies(random: Random, city: City, number: int, taken: set[str]) -> Iterator[Company]:
    """`number` of them, none called as one of `taken`, which grows."""
    while number:
        company = _abroad(random) if random.random() < ABROAD else _chinese(random, city)
        if company.name not in taken:
            taken.add(company.name)
            number -= 1
            yield company


def person(random: Random, *, abroad: bool) -> Person:
    if abroad:
        given, family = random.choice(words.ENGLISH_GIVEN), random.choice(words.ENGLISH_FAMILY)
        mailbox = f"{_plain(given)}.{_plain(family)}"
        return Person(f"{given} {family}", mailbox, random.choice(words.ENGLISH_POSITIONS), british_phone(random))
    (family, pinyin), (given, sound) = random.choices(_SURNAMES, _OFTEN)[0], random.choice(words.GIVEN)
    born = f"{random.randint(1965, 1999)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    birthday = born if random.random() < 0.3 else ""
    return Person(family + given, f"{pinyin}.{sound}", random.choice(words.POSITIONS), mobile(random), birthday)


def mobile(random: Random) -> str:
    digits = f"{random.randrange(10**8):08}"
    return f"{random.choice(_MOBILES)} {digits[:4]} {digits[4:]}"


def british_phone(random: Random) -> str:
    """Of the range that Ofcom keeps for drama: nobody is called."""
    return f"+44 20 7946 0{random.randrange(1000):03}"


def _chinese(random: Random, city: City) -> Company:
    (mark, pinyin), (trade, industry, english) = random.choice(words.MARKS), random.choice(words.TRADES)
    employees = int(20 * 10 ** random.uniform(0, 2.2))
    line = f"{random.choice(words.STREETS)}{random.randint(1, 999)}号"
    district = random.choice(city.districts)
    extension = f"转{random.randint(801, 899)}" if random.random() < 0.3 else ""
    return Company(
        name=f"{city.name}{mark}{trade}{random.choice(words.FORMS)}",
        domain=f"{pinyin}-{english.lower()}-{city.pinyin}.example",
        registration_number=_registration(random, city.code),
        industry=industry,
        kind=_kind(random),
        employees=employees,
        revenue=f"{employees * random.randint(20, 90)}万元",
        phone=f"{city.area_code}-{_local(random)}{extension}",
        address=city.address(district, line),
        place=city.place(district, line),
        source=random.choice(words.SOURCES),
        people=_people(random, abroad=False),
    )


def _abroad(random: Random) -> Company:
    mark, (_, industry, trade) = random.choice(words.ENGLISH_MARKS), random.choice(words.TRADES)
    employees = int(20 * 10 ** random.uniform(0, 2.2))
    line = f"{random.randint(1, 200)} {random.choice(words.ENGLISH_STREETS)}"
    return Company(
        name=f"{mark} {trade} {random.choice(words.ENGLISH_FORMS)}",
        domain=f"{mark.lower()}-{trade.lower()}.example",
        registration_number="",
        industry=industry,
        kind=_kind(random),
        employees=employees,
        revenue=f"{employees * random.randint(50, 250) * 1000} {random.choice(('USD', 'EUR'))}",
        phone=british_phone(random),
        address=f"{line}, London",
        place={"region_code": "GB", "locality": "London", "address_line": line},
        source=random.choice(words.SOURCES),
        people=_people(random, abroad=True),
    )


def _people(random: Random, *, abroad: bool) -> tuple[Person, ...]:
    """Some, no two with one mailbox or one number."""
    found: dict[str, Person] = {}
    for _ in range(random.choices((2, 3, 4, 5, 8, 14), (20, 25, 25, 15, 10, 5))[0]):
        one = person(random, abroad=abroad)
        if one.phone not in {other.phone for other in found.values()}:
            found.setdefault(one.mailbox, one)
    return tuple(found.values())


def _kind(random: Random) -> str:
    return random.choices(("客户", "潜在客户", "合作伙伴", "经销商"), (45, 40, 8, 7))[0]


def _local(random: Random) -> str:
    """Eight digits, as in the large cities."""
    return f"{random.choice('68')}{random.choice('2345678')}{random.randrange(10**6):06}"


def _registration(random: Random, code: str) -> str:
    """A unified social credit code with the check character of GB 32100-2015."""
    body = f"91{code}" + "".join(random.choice(_ALPHABET) for _ in range(9))
    total = sum(_ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return body + _ALPHABET[-total % 31]


def _plain(name: str) -> str:
    folded = name.lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalpha())
