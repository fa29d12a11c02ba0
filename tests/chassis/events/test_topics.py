"""The topics are what the services need, and are brought to it without touching what they hold."""

import dataclasses
from collections.abc import Awaitable, Callable

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]  # likewise

from chassis.events.bus import Message
from chassis.events.kafka import KafkaBus
from chassis.events.kafka_access import KafkaAccess
from chassis.events.subscription import on
from chassis.events.topics import Topic, Topics, TopicsRefused, make_topics, topics_of
from chassis.service import Service
from cli.brokers import Brokers
from tests.chassis.events.drivers import none_of
from tests.chassis.events.world import until, write_down

SERVICES = [Service("topical", []), Service("listening", [], consumers=[on("topical.thing.changed", write_down)])]
TOPIC = "kith.topical.v1"
NAMES = [  # every service hears identity, which asks all of them whom a privacy request is about
    "kith.identity.bulk.v1.kith.listening.dlt",
    "kith.identity.bulk.v1.kith.topical.dlt",
    "kith.identity.v1.kith.listening.dlt",
    "kith.identity.v1.kith.topical.dlt",
    "kith.listening.bulk.v1",
    "kith.listening.v1",
    "kith.topical.bulk.v1",
    "kith.topical.bulk.v1.kith.listening.dlt",
    TOPIC,
    "kith.topical.v1.kith.listening.dlt",
]


@pytest.fixture
async def access(kafka: Brokers) -> KafkaAccess:
    access = KafkaAccess(kafka.servers)
    admin = AIOKafkaAdminClient(**access.options)
    await admin.start()
    if there := [name for name in NAMES if name in await admin.list_topics()]:
        await admin.delete_topics(there)
        await until(lambda: none_of(admin, there))
    await admin.close()
    return access


def test_each_service_has_two_lanes_and_each_reader_a_grave_for_what_it_hears() -> None:
    wanted = topics_of(SERVICES, partitions=12)
    assert [topic.name for topic in wanted] == NAMES
    assert {topic.partitions for topic in wanted if not topic.name.endswith(".dlt")} == {12}
    assert {topic.settings["retention.ms"] for topic in wanted} == {str(30 * 24 * 3600 * 1000)}


def test_two_of_three_copies_acknowledge_where_there_are_three() -> None:
    assert {topic.settings["min.insync.replicas"] for topic in topics_of(SERVICES, copies=3)} == {"2"}
    assert {topic.settings["min.insync.replicas"] for topic in topics_of(SERVICES, copies=1)} == {"1"}


async def test_a_plan_changes_nothing_and_a_second_apply_neither(access: KafkaAccess) -> None:
    for _ in range(2):
        plan = await make_topics(access, SERVICES, 3, apply=False)
        assert [topic.name for topic in plan.missing] == NAMES
    assert not (await make_topics(access, SERVICES, 3)).empty
    plan = await make_topics(access, SERVICES, 3)
    assert (plan.empty, dict(plan.unlike)) == (True, {})


async def test_what_somebody_set_otherwise_is_set_back_and_what_it_holds_stays(access: KafkaAccess) -> None:
    await make_topics(access, SERVICES, 3)
    bus = KafkaBus(access)
    assert await bus.publish([Message(TOPIC, "key", {}, b"kept")]) == [None]
    admin = AIOKafkaAdminClient(**access.options)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"retention.ms": "604800000"})])
    await admin.create_partitions({TOPIC: NewPartitions(4)})
    await admin.close()

    async def told() -> tuple[bool, bool]:
        """By the broker, which says so some time after it was asked: whether a setting and the partitions differ."""
        plan = await make_topics(access, SERVICES, 3, apply=False)
        return TOPIC in plan.differing, TOPIC in plan.unlike

    await until(lambda: is_so(told, (True, True)))
    plan = await make_topics(access, SERVICES, 3)
    assert plan.differing[TOPIC]["retention.ms"] == ("604800000", "2592000000")
    assert dict(plan.unlike) == {TOPIC: (4, 3)}
    await until(lambda: is_so(told, (False, True)))
    plan = await make_topics(access, SERVICES, 3)
    assert (plan.empty, dict(plan.unlike)) == (True, {TOPIC: (4, 3)})
    assert [record.message.value for record in await bus.read([TOPIC])] == [b"kept"]
    await bus.close()


async def is_so(told: Callable[[], Awaitable[tuple[bool, bool]]], wanted: tuple[bool, bool]) -> bool:
    return await told() == wanted


async def test_a_broker_that_will_not_is_told_of(access: KafkaAccess) -> None:
    wanted = [dataclasses.replace(Topic(TOPIC), name="no/such name")]
    async with Topics(access) as topics:
        with pytest.raises(TopicsRefused, match="no/such name"):
            await topics.apply(await topics.plan(wanted), wanted, copies=1)
