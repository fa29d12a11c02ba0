"""A company at random, and who of it sees and changes what, worked out from the design alone and one pair at a time."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

REACHES = ("OWN", "TEAM", "TEAM_TREE", "TENANT")
TYPES = ("NEW_BUSINESS", "RENEWAL")
WORDS = ("east", "west", "")
DEPTH = 10


@dataclass
class Person:
    id: UUID
    reach: str  # of everything they may do
    teams: list[UUID]  # the primary one first


@dataclass
class Deal:
    owner: Person
    type: str
    units: int
    next_step: str
    stage: str
    id: str = ""  # once it is made


@dataclass
class Given:
    """A share or a rule, to a person or to a team."""

    grantee: UUID
    writes: bool
    covers: Callable[[Deal, Person], bool]
    filter: str = ""  # of a rule
    deal: Deal | None = None  # of a share
    ended: bool = False


RULES: list[tuple[str, Callable[[Deal, Person], bool]]] = [
    ("type = RENEWAL", lambda deal, _: deal.type == "RENEWAL"),
    ("amount > 50", lambda deal, _: deal.units > 50),
    ('next_step:"east" OR next_step:"west"', lambda deal, _: deal.next_step in ("east", "west")),
    ("NOT next_step:* amount <= 50", lambda deal, _: not deal.next_step and 0 < deal.units <= 50),
    ("type = RENEWAL NOT owner_id = me", lambda deal, person: deal.type == "RENEWAL" and deal.owner is not person),
]


@dataclass
class Company:
    above: dict[UUID, UUID | None]  # each team's parent
    people: list[Person]
    deals: list[Deal]
    shares: list[Given] = field(default_factory=list)
    rules: list[Given] = field(default_factory=list)

    def is_below(self, team: UUID, other: UUID) -> bool:
        """Whether `team` is somewhere beneath `other`."""
        parent = self.above[team]
        return parent is not None and (parent == other or self.is_below(parent, other))

    def below(self, person: Person) -> list[UUID]:
        return [team for team in self.above if any(self.is_below(team, mine) for mine in person.teams)]

    def reaches(self, person: Person, deal: Deal) -> bool:
        if deal.owner is person or person.reach == "TENANT":
            return True
        team = deal.owner.teams[0] if deal.owner.teams else None
        if team is None or person.reach == "OWN":
            return False
        return team in person.teams or (person.reach == "TEAM_TREE" and team in self.below(person))

    def given(self, person: Person, deal: Deal) -> list[Given]:
        mine = {person.id, *person.teams}
        found = [one for one in self.shares if one.deal is deal and not one.ended]
        found += [one for one in self.rules if one.covers(deal, person)]
        return [one for one in found if one.grantee in mine]

    def sees(self, person: Person, deal: Deal) -> bool:
        return self.reaches(person, deal) or bool(self.given(person, deal))

    def changes(self, person: Person, deal: Deal) -> bool:
        return self.reaches(person, deal) or any(one.writes for one in self.given(person, deal))

    def deletes(self, person: Person, deal: Deal) -> bool:
        return self.reaches(person, deal)


def company(seed: int, people: int, deals: int) -> Company:
    """A tree of teams with people in some of them, their deals, and shares and rules of all kinds."""
    chance = random.Random(seed)
    teams: dict[UUID, UUID | None] = {}
    for _ in range(chance.randint(2, DEPTH)):
        teams[uuid.uuid4()] = chance.choice([None, *teams, *list(teams)[-1:] * 3])  # rather deep than broad
    staff = [
        Person(uuid.uuid4(), chance.choice(REACHES), chance.sample(list(teams), chance.randint(0, 2)))
        for _ in range(people)
    ]
    stages = [
        Deal(
            chance.choice(staff), chance.choice(TYPES), chance.choice([0, 10, 50, 51, 90]), chance.choice(WORDS), stage
        )
        for stage in chance.choices(["new", "proposal"], k=deals)
    ]
    made = Company(teams, staff, stages)
    grantees = [one.id for one in staff] + [team for team in teams if any(team in one.teams for one in staff)]
    pairs = [(deal, grantee) for deal in made.deals for grantee in grantees]
    for deal, grantee in chance.sample(pairs, deals):
        ended = chance.random() < 0.2
        given = Given(grantee, chance.random() < 0.5, lambda *_: True, deal=deal, ended=ended)
        made.shares.append(given)
    for filter, covers in chance.sample(RULES, 3):
        made.rules.append(Given(chance.choice(grantees), chance.random() < 0.5, covers, filter=filter))
    return made
