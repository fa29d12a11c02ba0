"""The sample's sales organisation: a tree of teams in three regions, and everybody who works in it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from cli.sample import words
from cli.sample.door import ADMIN, Door, revision
from cli.sample.places import REGIONS, City, Region
from cli.sample.records import Tell

REPS_IN_A_CITY = 3
DIRECTOR, SERVICE, MARKETING = "sales.director", "service", "marketing"
AGENTS = 3
COMPANY = "demo.example"


@dataclass(frozen=True)
class Worker:
    """`key` is what the sample calls them; `team` is the key of the team they work in, `leads` of the one they lead."""

    key: str
    name: str
    email: str
    position: str
    role: str
    team: str
    leads: str = ""


@dataclass(frozen=True)
class Rep:
    worker: Worker
    region: Region
    city: City

    @property
    def email(self) -> str:
        return self.worker.email


@dataclass(frozen=True)
class Organisation:
    """`teams` are key -> (name, key of the team above)."""

    teams: Mapping[str, tuple[str, str]]
    workers: tuple[Worker, ...]
    reps: tuple[Rep, ...]

    @property
    def agents(self) -> list[Worker]:
        return [one for one in self.workers if one.team == SERVICE]

    @property
    def marketer(self) -> Worker:
        return next(one for one in self.workers if one.team == MARKETING)

    @property
    def director(self) -> Worker:
        return next(one for one in self.workers if one.key == DIRECTOR)


def organisation(random: Random) -> Organisation:
    teams = {"sales": ("销售中心 Sales", ""), SERVICE: ("客户服务部 Service", ""), MARKETING: ("市场部 Marketing", "")}
    taken: set[str] = set()
    workers: list[Worker] = []
    reps: list[Rep] = []

    def join(key: str, position: str, role: str, team: str, leads: str = "") -> Worker:
        name, email = _somebody(random, taken)
        workers.append(Worker(key, name, email, position, role, team, leads))
        return workers[-1]

    join(DIRECTOR, "销售总监", "Sales manager", "sales", leads="sales")
    for region in REGIONS:
        above = f"sales.{region.english}"
        teams[above] = (f"{region.name}大区 {region.english}", "sales")
        join(f"{above}.manager", f"{region.name}大区经理", "Sales manager", above, leads=above)
        for city in region.cities:
            team = f"{above}.{city.pinyin}"
            teams[team] = (f"{city.name}团队", above)
            for at in range(REPS_IN_A_CITY):
                rep = join(f"{team}.{at}", "客户经理", "Sales rep", team)
                reps.append(Rep(rep, region, city))
    for at in range(AGENTS):
        leads = SERVICE if at == 0 else ""
        join(f"service.{at}", "客服主管" if leads else "客服专员", "Service agent", SERVICE, leads)
    join("marketing.0", "市场经理", "Marketer", MARKETING, leads=MARKETING)
    return Organisation(teams, tuple(workers), tuple(reps))


async def found(door: Door, planned: Organisation, passwords: Mapping[str, str], tell: Tell) -> None:
    """Teams from the top, then people, then who leads whom; `passwords` are those that are to be given, by e-mail."""
    roles = {one.display_name: one.id for one in await door.listed(ADMIN, "Roles.ListRoles")}
    teams = await door.there(ADMIN, "Teams.BatchGetTeams", planned.teams)
    users = await door.there(ADMIN, "Users.BatchGetUsers", [one.key for one in planned.workers])
    for key, (name, above) in planned.teams.items():
        if key not in teams:
            team = {"display_name": name, "parent_id": door.id_of(above) if above else ""}
            teams[key] = await door.ask(ADMIN, "Teams.CreateTeam", once=key, id=door.id_of(key), team=team)
    await asyncio.gather(
        *(
            _hire(door, one, roles[one.role], users.get(one.key), passwords.get(one.email), tell)
            for one in planned.workers
        )
    )
    for one in planned.workers:
        if one.leads and revision(teams[one.leads]) == 1 and not teams[one.leads].manager_id:
            team = {"id": door.id_of(one.leads), "manager_id": door.id_of(one.key)}
            await door.ask(ADMIN, "Teams.UpdateTeam", once=f"{one.leads} is led", team=team)


async def _hire(door: Door, worker: Worker, role_id: str, there: Any, password: str | None, tell: Tell) -> None:
    if there is None:
        team_id = door.id_of(worker.team)
        user = {
            "email": worker.email,
            "display_name": worker.name,
            "position": worker.position,
            "locale": "zh-CN",
            "time_zone": "Asia/Shanghai",
            "team_ids": [team_id],
            "primary_team_id": team_id,
            "role_ids": [role_id],
        }
        await door.ask(ADMIN, "Users.CreateUser", once=worker.key, id=door.id_of(worker.key), user=user)
    if password:
        await door.ask(ADMIN, "Users.SetPassword", id=door.id_of(worker.key), password=password)
    tell(1)


def _somebody(random: Random, taken: set[str]) -> tuple[str, str]:
    """A name, and an e-mail address nobody else has."""
    while True:
        family, pinyin, _ = random.choices(words.SURNAMES, [often for *_, often in words.SURNAMES])[0]
        given, sound = random.choice(words.GIVEN)
        email = f"{pinyin}.{sound}@{COMPANY}"
        if email not in taken:
            taken.add(email)
            return family + given, email
