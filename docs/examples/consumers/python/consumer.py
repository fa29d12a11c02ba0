"""Prints what happens to opportunities, each event once however often it comes: needs aiokafka and kith-protos.

KITH_KAFKA=127.0.0.1:9092 python consumer.py
"""

import asyncio
import os
import sqlite3

from aiokafka import AIOKafkaConsumer

from kith.sales.v1.opportunity_pb2 import OpportunityEvent


async def main() -> None:
    effects = sqlite3.connect(os.environ.get("KITH_EFFECTS", "effects.db"))
    effects.execute("create table if not exists effect (event_id text primary key, line text)")
    async with AIOKafkaConsumer(
        *("kith.sales.v1", "kith.sales.bulk.v1"),
        bootstrap_servers=os.environ.get("KITH_KAFKA", "127.0.0.1:9092"),
        group_id=os.environ.get("KITH_GROUP", "example-python"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,  # or an event that we failed at would be passed over
    ) as consumer:
        async for record in consumer:
            headers = {name: value.decode() for name, value in record.headers}
            if headers["ce_type"].startswith("kith.sales.opportunity."):
                event = OpportunityEvent.FromString(record.value)
                line = (
                    "\t".join(headers[n] for n in ("ce_type", "ce_tenantid", "ce_id")) + "\t" + event.after.display_name
                )
                with effects:  # the effect and the id of its event are one transaction
                    known = "insert or ignore into effect values (?, ?)", (headers["ce_id"], line)
                    if effects.execute(*known).rowcount:
                        print(line, flush=True)
            await consumer.commit()  # only now


if __name__ == "__main__":
    asyncio.run(main())
