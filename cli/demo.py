"""`kith demo`: fills the tenant with a sales organisation of three regions and all its customers, through the API.

What the sample says follows from a seed, and every record has an id made from its name: whoever asks again makes
nothing twice, and brings on what an interrupted run has left. States are reached by the verbs that lead there. The API
has no clock that could be moved: records are made now, and deals are won today; interactions, due times and close dates
say times of their own.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.home import Home, Trouble
from cli.said import OUT, say, table
from cli.sample import dealings, files, marketing, organisation, selling, serving
from cli.sample.book import Book, books_of
from cli.sample.chance import chance
from cli.sample.door import ADMIN, Door, Refused
from cli.sample.organisation import SERVICE, Organisation
from cli.sample.records import Tell, make

USERS_FILE = "demo-users.json"
SHOWN_CITY = "成都"  # whose first rep is told how to come in


def fill(access: Mapping[str, Any]) -> None:
    """`access` is what demo.json says. Raises Trouble."""
    planned = organisation.organisation(chance("organisation"))
    home = Home.here()
    known: dict[str, str] = home.read(USERS_FILE)
    passwords = {one.email: known.get(one.email) or secrets.token_hex(12) for one in planned.workers}
    try:
        asyncio.run(_fill(access, planned, passwords, home))
    except Refused as refused:
        raise Trouble(f"The sample cannot be made: {refused}.") from None
    shown = next(rep for rep in planned.reps if rep.city.name == SHOWN_CITY)
    say(f"Everybody's password is in {home.folder / USERS_FILE}. One of the reps, in {SHOWN_CITY}:")
    told = {"url": access["url"], "email": shown.email, "password": passwords[shown.email]}
    table([{"": name, " ": value} for name, value in told.items()])


async def _fill(access: Mapping[str, Any], planned: Organisation, passwords: Mapping[str, str], home: Home) -> None:
    bars = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with Door(access["grpc"], access["api_key"], passwords) as door:
        with Progress(*bars, console=OUT) as progress:
            shown = Chapters(progress)
            with shown.chapter("团队与用户 Teams and users", len(planned.workers)) as tell:
                given = {email: one for email, one in passwords.items() if email not in home.read(USERS_FILE)}
                await organisation.found(door, planned, given, tell)
                if given:  # not before they are what people have: a run that breaks here gives others
                    home.write(USERS_FILE, passwords)
            books = await _customers(door, planned, shown)
            await _desk_and_deals(door, planned, books, shown)
            await _audience(door, planned, books, shown)


class Chapters:
    """A bar for each part of the work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    @contextmanager
    def chapter(self, title: str, total: int | None = None) -> Iterator[Tell]:
        task = self._progress.add_task(f"{title:<32}", total=total)
        yield lambda more: self._progress.advance(task, more)
        if total is None:
            self._progress.update(task, total=self._progress.tasks[task].completed)


async def _customers(door: Door, planned: Organisation, shown: Chapters) -> list[Book]:
    portfolios = files.portfolios(planned.reps)
    rows = sum(1 + len(company.people) for companies in portfolios.values() for company in companies)
    with shown.chapter("客户与联系人 Accounts and contacts", rows) as tell:
        await _together(_told(files.bring(door, rep, portfolios[rep.worker.key]), tell) for rep in planned.reps)
    books = await books_of(door, planned.reps)
    with shown.chapter("标签与视图 Tags and views") as tell:
        tags = await make(door, dealings.tags(), tell)
        await make(door, dealings.views(), tell)
        ids = [one.id for one in tags.values()]
        if ids:
            await _together(dealings.tag(door, book, ids, tell) for book in books)
    return books


async def _desk_and_deals(door: Door, planned: Organisation, books: list[Book], shown: Chapters) -> None:
    """The queue comes first: a deal that is won opens a case in it."""
    await make(door, serving.queues(door.id_of(SERVICE)), lambda more: None)
    pipeline = next(one for one in await door.listed(ADMIN, "Pipelines.ListPipelines") if one.default)
    stages = await door.listed(ADMIN, "Stages.ListStages", f'pipeline_id = "{pipeline.id}" AND outcome = OPEN')
    ways = [one.id for one in sorted(stages, key=lambda one: one.position)]
    agents = [door.id_of(one.key) for one in planned.agents]
    made = {
        "线索 Leads": [selling.leads(book) for book in books],
        "商机 Opportunities": [selling.opportunities(book, pipeline.id, ways) for book in books],
        "工单 Cases": [serving.cases(book, planned.agents, agents) for book in books],
        "任务 Tasks": [dealings.tasks(book) for book in books],
        "备注 Notes": [dealings.notes(book) for book in books],
    }
    for title, parts in made.items():
        records = list(chain.from_iterable(parts))
        with shown.chapter(title, len(records)) as tell:
            await make(door, records, tell)
    with shown.chapter("互动 Interactions", dealings.INTERACTIONS_OF_A_REP * len(books)) as tell:
        await _together(dealings.deal(door, book, tell) for book in books)


async def _audience(door: Door, planned: Organisation, books: list[Book], shown: Chapters) -> None:
    with shown.chapter("细分与营销活动 Segments, campaigns") as tell:
        await marketing.known(door, sum(len(book.contacts) for book in books))
        segments = await make(door, marketing.segments(planned.marketer), tell)
        ids = {key: one.id for key, one in segments.items()}
        if len(ids) == len(marketing.SEGMENT_NAMES):
            campaigns = await make(door, marketing.campaigns(planned.marketer, books, ids), tell)
            launched = [one.id for one in campaigns.values() if one.HasField("launch_time")]
            await marketing.answers(door, planned.marketer, launched, tell)


async def _told(work: Awaitable[int], tell: Tell) -> None:
    tell(await work)


async def _together(work: Iterable[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*work))
