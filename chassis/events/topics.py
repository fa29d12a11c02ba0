"""The topics of the suite as code: compared with what the brokers have, and made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic  # type: ignore[import-untyped]  # it ships no types
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]  # likewise

from chassis.config import PARTITIONS
from chassis.events.kafka import LARGEST_BYTES
from chassis.events.kafka_access import KafkaAccess
from chassis.events.letters import graves_of
from chassis.events.outbox import BULK, INTERACTIVE, topic_of
from chassis.service import Service

RETENTION_MILLISECONDS = 30 * 24 * 3600 * 1000
COPIES, ENOUGH = 3, 2  # of each record, where there are as many brokers; how many acknowledge it


@dataclass(frozen=True)
class Topic:
    name: str
    partitions: int = PARTITIONS
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What is to be done, and what nobody may do: partitions are never added to a topic in use."""

    missing: Sequence[Topic] = ()
    differing: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)  # name → setting → is, should
    unlike: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # name → partitions it has, and should

    @property
    def empty(self) -> bool:
        return not (self.missing or self.differing)


def topics_of(services: Iterable[Service], partitions: int = PARTITIONS, copies: int = COPIES) -> list[Topic]:
    """All that these services write or bury, by name."""
    told = {
        "cleanup.policy": "delete",
        "retention.ms": str(RETENTION_MILLISECONDS),
        "max.message.bytes": str(LARGEST_BYTES),
        "min.insync.replicas": str(ENOUGH if copies >= COPIES else 1),
    }
    found = {}
    for service in services:
        for lane in (INTERACTIVE, BULK):
            found[topic_of(service.name, lane)] = partitions
        found |= dict.fromkeys(graves_of(service), 1)
    return [Topic(name, count, told) for name, count in sorted(found.items())]


class Topics:
    """The topics of one cluster, for as long as the block lasts: `async with Topics(access) as topics`."""

    def __init__(self, access: KafkaAccess) -> None:
        self._admin = AIOKafkaAdminClient(**access.options)

    async def __aenter__(self) -> "Topics":
        """Raises KafkaConnectionError."""
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def copies(self) -> int:
        """How many of each record there can be."""
        return min(COPIES, len((await self._admin.describe_cluster())["brokers"]))

    async def plan(self, wanted: Sequence[Topic]) -> Plan:
        """What `apply` would do; changes nothing."""
        there = set(await self._admin.list_topics())
        known = [topic for topic in wanted if topic.name in there]
        described = {one["topic"]: one for one in await self._admin.describe_topics([t.name for t in known])}
        counts = {name: len(one["partitions"]) for name, one in described.items()}
        settings = await self._settings([topic.name for topic in known])
        differing = {}
        for topic in known:
            ours = settings[topic.name]
            wrong = {name: (ours.get(name, ""), v) for name, v in topic.settings.items() if ours.get(name) != v}
            if wrong:
                differing[topic.name] = wrong
        return Plan(
            [topic for topic in wanted if topic.name not in there],
            differing,
            {t.name: (counts[t.name], t.partitions) for t in known if counts[t.name] != t.partitions},
        )

    async def apply(self, plan: Plan, wanted: Sequence[Topic], copies: int) -> None:
        """Make what is missing and set what differs. Raises TopicsRefused."""
        made = [NewTopic(t.name, t.partitions, copies, topic_configs=dict(t.settings)) for t in plan.missing]
        if made:
            answer = await self._admin.create_topics(made)
            _refuse([(one[0], one[1]) for one in answer.topic_errors if one[1] not in (0, _THERE_ALREADY)])
        by_name = {topic.name: topic for topic in wanted}
        changed = [
            ConfigResource(ConfigResourceType.TOPIC, name, configs=dict(by_name[name].settings))
            for name in plan.differing
        ]
        if changed:
            for answer in await self._admin.alter_configs(changed):
                _refuse([(one[3], one[0]) for one in answer.resources if one[0]])

    async def _settings(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found = {}
        for answer in await self._admin.describe_configs(asked):
            for resource in answer.resources:
                found[resource[3]] = {entry[0]: entry[1] for entry in resource[4]}
        return found


_THERE_ALREADY = 36  # TOPIC_ALREADY_EXISTS: somebody else applied the same


async def make_topics(access: KafkaAccess, services: Sequence[Service], partitions: int, *, apply: bool = True) -> Plan:
    """What is missing or differs of these services' topics; made and set unless it is only asked for.

    Raises KafkaError and OSError where the brokers cannot be used, TopicsRefused where they would not.
    """
    async with Topics(access) as topics:
        copies = await topics.copies()
        wanted = topics_of(services, partitions, copies)
        plan = await topics.plan(wanted)
        if apply:
            await topics.apply(plan, wanted, copies)
    return plan


class TopicsRefused(Exception):
    """The brokers would not; by topic, with Kafka's error numbers."""


def _refuse(errors: Sequence[tuple[str, int]]) -> None:
    if errors:
        raise TopicsRefused(", ".join(f"{name}: error {code}" for name, code in errors))
