"""What a reader cannot digest is put aside with all that is known of it, and nobody waits behind it (R07)."""

import asyncio
import json
import random
import string
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from aiokafka.admin import AIOKafkaAdminClient  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]  # likewise

from chassis.config import SERVICES
from tests.e2e.suite import Suite, ok, until
from tests.faults import mark
from tests.faults.logs import HEARS, Said, done_by_superuser, topics_of
from tests.faults.poison import AUDITOR, MALFORMED, READERS, Poison, in_every_topic, of_sales
from tests.faults.rig import ON_EACH_LOG, ON_KAFKA, Rig
from tests.faults.verdict import every
from tests.faults.vitals import number

SECONDS, BLOCKED_SECONDS = 180.0, 300.0  # what is refused is tried again after a minute at most
GRAVES = [f"{topic}.kith.{reader}.dlt" for topic, readers in READERS.items() for reader in readers]
Say = Callable[[str], None]
Buried = Counter[tuple[str, bool, bytes]]  # where, whether it is no event at all, and what


@ON_EACH_LOG
def test_poison_in_each_topic_is_buried_as_it_was_and_nobody_waits_behind_it(rig: Rig, say: Say) -> None:
    began, trace = time.monotonic(), uuid.uuid4().hex
    known, listed = _buried(_graves(rig)), len(_letters(rig.suite))
    with rig.suite.client() as client:
        tenant = ok(client.get("/v1/me"))["principal"]["tenantId"]
        contact = ok(client.post("/v1/contacts", json={"displayName": f"poison {trace}"}))["id"]
        deal = mark.opened(client, contactId=contact)
        until(lambda: _settled(rig), SECONDS, every=0.3)
        poison = [*in_every_topic(tenant, deal, trace), *of_sales(tenant, deal, contact)]
        asyncio.run(rig.log.put([one.message for one in poison]))
        behind = time.monotonic()
        ok(client.post(f"/v1/opportunities/{deal}:win"))  # under the same key
        until(lambda: _bought(client, deal, contact), SECONDS)
        seconds = time.monotonic() - behind
        asyncio.run(rig.log.put([poison[-4].message]))  # the older state, now that a newer one is known
        expected = _expected(poison)
        until(lambda: _buried(_graves(rig)) - known == expected, SECONDS, every=0.3)
        until(lambda: _settled(rig), SECONDS, every=0.3)
        found = _graves(rig)
        assert _buried(found) - known == expected
        for one in found:
            topic, _, group = one.topic.removesuffix(".dlt").partition(".v1.")
            assert one.headers["dlt_origin"].rpartition("/")[0].rpartition("/")[0] == f"{topic}.v1"
            assert one.headers["dlt_group"] == group
            assert one.headers["dlt_detail"]
        assert sum(one.headers.get("traceparent", "")[3:35] == trace for one in found) == len(GRAVES)
        assert len(_letters(rig.suite)) - listed == expected.total()
        assert _bought(client, deal, contact)  # and nothing else: not the stranger's, none of it twice
    say(
        f"R07 {rig.log.name}: {len(poison)} poisoned in {len(READERS)} topics, {expected.total()} letters,"
        f" heard behind them after {seconds:.1f} s; {time.monotonic() - began:.0f} s"
    )


@ON_EACH_LOG
def test_a_reader_that_always_fails_stops_nobody_and_reads_its_letters_once_it_is_mended(rig: Rig, say: Say) -> None:
    began, known = time.monotonic(), len(_graves(rig))
    listed = {one["letter"] for one in _letters(rig.suite)}
    with rig.suite.client() as client:
        with _choking(rig.suite):
            deals = [_won(client) for _ in range(8)]
            start = time.monotonic()
            until(lambda: all(mark.has(client, "interactions", _purchase(deal)) for deal in deals), SECONDS)
            others = time.monotonic() - start
            until(lambda: len(_graves(rig)) - known == len(deals), SECONDS, every=0.3)
            buried = time.monotonic() - start
            new = [one for one in _letters(rig.suite) if one["letter"] not in listed]
            assert {one["type"] for one in new} == {"kith.sales.opportunity.won.v1"}
            assert all(one["trace"] for one in new)
            assert number(rig.suite, "service_desk", "kith_events_heard_total", outcome="buried") >= len(deals)
        assert not any(mark.has(client, "cases", _case(deal)) for deal in deals)
        for _ in range(2):  # the second time nothing more happens
            told = rig.suite.kith("events", "dlt", "replay", "service_desk", *(one["letter"] for one in new))
            assert told.returncode == 0, told.stderr
        until(lambda: all(mark.has(client, "cases", _case(deal)) for deal in deals), SECONDS)
        assert [len(every(client, "cases", _case(deal))) for deal in deals] == [1] * len(deals)
    say(
        f"R07 {rig.log.name}: a reader that always fails: another heard all after {others:.1f} s, all were buried after"
        f" {buried:.1f} s, each was heard once when replayed; {time.monotonic() - began:.0f} s"
    )


@ON_KAFKA
def test_what_the_brokers_will_not_take_waits_alone_and_leaves_when_they_do(rig: Rig, say: Say) -> None:
    began = time.monotonic()
    with rig.suite.client() as client:
        asyncio.run(_set(rig, "kith.contacts.v1", "max.message.bytes", "3000"))
        long = "".join(random.choices(string.printable[:90], k=9000))  # nobody can make it small
        note = {"body": long, "contactId": ok(client.post("/v1/contacts", json={"displayName": "long"}))["id"]}
        too_large = ok(client.post("/v1/notes", json=note))["id"]
        asyncio.run(_delete(rig, "kith.marketing.v1"))
        segment = {"displayName": "to nowhere", "filter": 'display_name = "nobody"'}
        nowhere = ok(client.post("/v1/segments", json=segment))["id"]
        for service in ("contacts", "marketing"):
            until(lambda: number(rig.suite, service, "kith_outbox_blocked_records") == 1, SECONDS, every=0.3)  # noqa: B023
        others = mark.heard(client, mark.left(client))
        assert not _keys(rig, too_large, nowhere)
        assert rig.suite.kith("topics", "apply").returncode == 0
        mended = time.monotonic()
        until(lambda: len(_keys(rig, too_large, nowhere)) == 2, BLOCKED_SECONDS, every=0.5)
        seconds = time.monotonic() - mended
        for service in SERVICES:
            until(lambda: number(rig.suite, service, "kith_outbox_blocked_records") == 0, BLOCKED_SECONDS, every=0.3)  # noqa: B023
        until(lambda: _settled(rig), BLOCKED_SECONDS, every=0.3)
    say(
        f"R07 kafka: one too large and one to a topic that is not there; others heard after {others:.1f} s, these left"
        f" {seconds:.1f} s after it was mended; {time.monotonic() - began:.0f} s"
    )


def _keys(rig: Rig, *keys: str) -> set[str]:
    return {one.key for one in asyncio.run(rig.log.said(topics_of(), keys))}


def _bought(client: httpx.Client, deal: str, contact: str) -> bool:
    """Whether all three readers have heard just what is so: this deal and the other one were won, once each."""
    fact = client.get(f"/v1/contactFacts/{contact}").json()
    return (
        (fact.get("wonOpportunityCount"), fact.get("openOpportunityCount")) == (2, 0)
        and len(every(client, "interactions", _purchase(deal))) == 1
        and len(every(client, "cases", _case(deal))) == 1
    )


def _won(client: httpx.Client) -> str:
    contact = ok(client.post("/v1/contacts", json={"displayName": "choked"}))["id"]
    deal = mark.opened(client, contactId=contact)
    ok(client.post(f"/v1/opportunities/{deal}:win"))
    return deal


def _purchase(deal: str) -> str:
    return f'kind = "PURCHASE" AND source_record = "opportunities/{deal}"'


def _case(deal: str) -> str:
    return f'opportunity_id = "{deal}"'


def _expected(poison: list[Poison]) -> Buried:
    return Buried(
        (f"{one.message.topic}.kith.{reader}.dlt", one.reason == MALFORMED, one.message.value)
        for one in poison
        if one.reason
        for reader in READERS[one.message.topic]
        if one.reason == MALFORMED or reader != AUDITOR
    )


def _buried(letters: list[Said]) -> Buried:
    return Buried((one.topic, one.headers["dlt_reason"] == MALFORMED, one.value) for one in letters)


def _graves(rig: Rig) -> list[Said]:
    return asyncio.run(rig.log.said(GRAVES))


def _settled(rig: Rig) -> bool:
    """Whether everything was heard by everybody."""
    if any(number(rig.suite, name, "kith_outbox_rows") for name in SERVICES):
        return False
    return not asyncio.run(rig.log.behind([*HEARS], topics_of()))


def _letters(suite: Suite) -> list[dict[str, Any]]:
    said = suite.kith("events", "dlt", "list", "--json")
    assert said.returncode == 0, said.stderr
    found: list[dict[str, Any]] = json.loads(said.stdout)
    return found


@contextmanager
def _choking(suite: Suite) -> Iterator[None]:
    """The service desk may not write down for what it opened a case, so its reader of wins fails, always."""
    done_by_superuser(suite, "service_desk", "revoke insert on opened_case from service_desk_app")
    try:
        yield
    finally:
        done_by_superuser(suite, "service_desk", "grant insert on opened_case to service_desk_app")


async def _set(rig: Rig, topic: str, name: str, value: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.kafka.brokers.servers)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs={name: value})])
    finally:
        await admin.close()


async def _delete(rig: Rig, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.kafka.brokers.servers)
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()
