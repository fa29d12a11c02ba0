"""What the sample's reps do all day: calls and visits, tasks, notes, tags, and the views they look through."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from cli.sample import words
from cli.sample.book import Book, is_chinese, moment
from cli.sample.chance import chance
from cli.sample.door import ADMIN, Door, revision
from cli.sample.records import Noun, Record, Tell, step

TASKS, NOTES = Noun("Tasks", "Task", "task"), Noun("Notes", "Note", "note")
TAGS, VIEWS = Noun("Tags", "Tag", "tag"), Noun("SavedViews", "SavedView", "saved_view")
INTERACTIONS_OF_A_REP, TASKS_OF_A_REP, NOTES_OF_A_REP, TAGGED = 45, 12, 6, 0.08
DAYS_BACK = 120
SOURCE = "kith demo"  # what every interaction of the sample names as its source
TAG_NAMES = (
    ("重点客户 Key account", "#c0392b"), ("决策人 Decision maker", "#8e44ad"), ("老客户 Returning", "#2980b9"),
    ("展会 Trade fair", "#16a085"), ("价格敏感 Price-sensitive", "#f39c12"), ("转介绍 Referral", "#27ae60"),
)  # fmt: skip
VIEW_NAMES = (
    ("我的客户", "contacts.account", "owner_id = me", "display_name"),
    ("久未联系", "contacts.contact", "last_interaction_time < now-60d", "last_interaction_time"),
    ("热门线索 Hot leads", "sales.lead", "rating = HOT AND (state = NEW OR state = WORKING)", "create_time desc"),
    ("本季度成交", "sales.opportunity", "state = OPEN AND close_date = this_quarter", "close_date"),
    ("大单 Large deals", "sales.opportunity", "state = OPEN AND win_probability_percent >= 50", "amount desc"),
    ("我的未结工单 My open cases", "service_desk.case", "owner_id = me AND (state = NEW OR state = OPEN)", ""),
)  # fmt: skip
DONE = (  # kind, direction, zh, en, minutes
    ("CALL", "OUTBOUND", "电话沟通需求", "Called about their needs", 12),
    ("CALL", "INBOUND", "客户来电询价", "They called for a price", 8),
    ("EMAIL", "OUTBOUND", "发送产品资料", "Sent product sheets", 0),
    ("EMAIL", "INBOUND", "客户回复报价意见", "They commented on the offer", 0),
    ("MEETING", "OUTBOUND", "线上方案演示", "Demonstrated the solution online", 45),
    ("VISIT", "OUTBOUND", "上门拜访", "Visited their site", 90),
    ("CHAT", "INBOUND", "微信咨询交期", "Asked for delivery dates by chat", 0),
)
TO_DO = ("回访", "准备报价单", "约见采购总监", "Send the contract", "确认交付时间", "跟进付款", "Prepare the demo")
NOTED = (
    "决策链：采购 → 技术 → 总经理。",
    "预算在下季度批准。",
    "Prefers mail over calls.",
    "竞争对手已报价，价格略低。",
)


def tags() -> Iterator[Record]:
    for name, color in TAG_NAMES:
        yield Record(f"tag {name}", ADMIN, TAGS, {"display_name": name, "color": color})


def views() -> Iterator[Record]:
    for name, noun, filter, order_by in VIEW_NAMES:
        view = {"display_name": name, "noun": noun, "filter": filter, "order_by": order_by, "shared": True}
        yield Record(f"view {name}", ADMIN, VIEWS, view)


def tasks(book: Book) -> Iterator[Record]:
    random = book.random("tasks")
    for at in range(TASKS_OF_A_REP):
        contact = random.choice(book.contacts)
        task = {
            "display_name": f"{random.choice(TO_DO)}：{contact.display_name}"[:200],
            "account_id": contact.account_id,
            "contact_id": contact.id,
            "due_time": moment(random.uniform(-4, 21)),
            "priority": random.choices(("LOW", "NORMAL", "HIGH"), (20, 60, 20))[0],
        }
        way = random.choices(((), ("StartTask",), ("StartTask", "CompleteTask"), ("CancelTask",)), (45, 20, 30, 5))[0]
        yield Record(f"task {at} of {book.rep.worker.key}", book.rep.email, TASKS, task, [step(one) for one in way])


def notes(book: Book) -> Iterator[Record]:
    random = book.random("notes")
    for at in range(NOTES_OF_A_REP):
        contact = random.choice(book.contacts)
        note = {
            "body": random.choice(NOTED),
            "account_id": contact.account_id,
            "contact_id": contact.id,
            "pinned": at == 0,
        }
        yield Record(f"note {at} of {book.rep.worker.key}", book.rep.email, NOTES, note)


async def tag(door: Door, book: Book, tag_ids: Sequence[str], tell: Tell) -> None:
    """Some of the contacts that nobody has touched since they came in."""
    chosen = []
    for contact in book.contacts:
        random = chance(f"tag of {contact.external_ids[0].id}")
        if random.random() < TAGGED:
            chosen.append((contact, random.choice(tag_ids)))

    async def mark(contact: Any, tag_id: str) -> None:
        if revision(contact) == 1:
            marked = {"id": contact.id, "tag_ids": [tag_id]}
            await door.ask(book.rep.email, "Contacts.UpdateContact", once=f"tag of {contact.id}", contact=marked)
        tell(1)

    await asyncio.gather(*(mark(contact, tag_id) for contact, tag_id in chosen))


async def deal(door: Door, book: Book, tell: Tell) -> None:
    """What was done with customers in the last months; times are said, since an interaction has its own."""
    random = book.random("interactions")
    planned = [_interaction(random, book, at) for at in range(INTERACTIONS_OF_A_REP)]
    filter = f'owner_id = "{door.id_of(book.rep.worker.key)}"'
    there = {one.source for one in await door.listed(ADMIN, "Interactions.ListInteractions", filter)}

    async def log(interaction: dict[str, Any]) -> None:
        if interaction["source"] not in there:
            await door.ask(book.rep.email, "Interactions.LogInteraction", interaction=interaction)
        tell(1)

    await asyncio.gather(*map(log, planned))


def _interaction(random: Random, book: Book, at: int) -> dict[str, Any]:
    contact = random.choice(book.contacts)
    kind, direction, zh, en, minutes = random.choice(DONE)
    chinese = is_chinese(contact.display_name)
    product = random.choice(words.PRODUCTS if chinese else words.ENGLISH_PRODUCTS)
    return {
        "kind": kind,
        "direction": direction,
        "interaction_time": moment(-DAYS_BACK * random.random() ** 2 - 0.01),
        "summary": f"{zh}：{product}" if chinese else f"{en}: {product}",
        "contact_id": contact.id,
        "account_id": contact.account_id,
        "source": f"{SOURCE} {at} of {book.rep.worker.key}",
        **({"duration": timedelta(minutes=minutes + random.randint(0, 9))} if minutes else {}),
    }
