"""What stands on a real topic is CloudEvents as others read it: the SDK of CloudEvents, and kcat (quality 23)."""

import asyncio
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]  # it ships no types
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat

from chassis.events.bus import partition_of
from gateway.asyncapi.headers import HEADERS
from tests.contract.golden import ours
from tests.e2e.suite import ROOT, Suite, ok
from tests.e2e.test_consumers import win_one

pytestmark = pytest.mark.kafka
PAGE = ROOT / "docs" / "integrator" / "events.md"
TOPIC = "kith.sales.v1"


def test_every_event_is_a_cloud_event_to_their_own_library(on_kafka: Suite) -> None:
    win_one(on_kafka)
    contract = ours()
    with on_kafka.client() as admin:
        types = ok(admin.get("/asyncapi.json"))["components"]["messages"]
    records = asyncio.run(raw(on_kafka))
    assert records
    for record in records:
        headers = dict(record.headers)
        assert len(headers) == len(record.headers)  # no name twice
        event = from_binary(KafkaMessage(headers, record.key, record.value), JSONFormat())
        assert event.get_specversion() == "1.0"
        assert event.get_datacontenttype() == "application/protobuf"
        assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in event.get_attributes())
        assert UUID(event.get_id()).version == 7
        assert str(UUID(event.get_extension("tenantid"))) == event.get_extension("tenantid")
        assert event.get_subject() == event.get_extension("partitionkey") == record.key.decode()
        time = event.get_time()
        assert time is not None
        assert time.utcoffset() == timedelta(0)
        assert abs(datetime.now(UTC) - time) < timedelta(hours=1)
        assert event.get_type() in types
        assert event.get_source() == "/" + "/".join(event.get_type().split(".")[1:3])
        said: Any = contract.message(types[event.get_type()]["x-kith-message"]).FromString(record.value)
        assert event.get_data() == record.value
        assert (said.verb, said.after.id) == (event.get_type().split(".")[3], event.get_subject())
        assert said.after.etag == f'"{event.get_extension("sequence")}"'
        assert headers.keys() >= set(HEADERS["required"])
        assert headers.keys() <= HEADERS["properties"].keys()
        assert record.partition == partition_of(record.key.decode(), 8)


@pytest.mark.skipif(not shutil.which("kcat"), reason="kcat is not installed")
def test_kcat_reads_a_topic_as_the_page_says(on_kafka: Suite) -> None:
    win_one(on_kafka)
    page = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"^kcat (.+)$", page, re.MULTILINE)
    assert len(commands) == 2
    broker = on_kafka.environ["KITH_EVENTS"].removeprefix("kafka://")
    lines, found = (_run(command.replace('"$BROKER"', broker)) for command in commands)
    assert len(lines) == len(asyncio.run(raw(on_kafka)))
    for line in lines:
        offset, key, headers = line.split(" ", 2)
        told = dict(pair.split("=", 1) for pair in headers.split(","))
        assert offset.isdecimal()
        assert told["ce_subject"] == key
        assert told["content-type"] == "application/protobuf"
        assert HEADERS["properties"].keys() >= told.keys() >= set(HEADERS["required"])
    (topic,) = json.loads("".join(found))["topics"]
    assert (topic["topic"], len(topic["partitions"])) == (TOPIC, 8)


def _run(command: str) -> list[str]:
    ran = subprocess.run(["sh", "-c", f"kcat {command}"], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


async def raw(on_kafka: Suite) -> list[Any]:
    """The topic's records as the broker has them."""
    servers = on_kafka.environ["KITH_EVENTS"].removeprefix("kafka://")
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=servers, auto_offset_reset="earliest")
    async with consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found: list[Any] = []
        while len(found) < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
    return found
