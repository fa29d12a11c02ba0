"""The floor of a duel: what one would write by hand for speed, with no caller, no checks and no rights.

It stores what ours stores, so it works out what words find, and what names sort by, with the same functions.
"""

import sys
import uuid
from datetime import UTC, datetime
from typing import Any

import asyncpg
import grpc
import orjson
import uvloop

from bench.authority import TEAM, TENANT, USER
from chassis.database.session import Connection
from chassis.memory import settle
from chassis.resource.grams import stored
from chassis.resource.pinyin import name_sort_key
from chassis.transport.server import OPTIONS, until_told_to_stop
from kith.sales.v1 import lead_pb2

COLUMNS = (
    "id, revision, create_time, update_time, creator_id, updater_id, owner_id, team_id, labels, external_ids,"
    " custom_fields, display_name, family_name, given_name, company, position, emails, phones, address, source,"
    " campaign_id, rating, state, disqualify_reason, description, region, account_id, contact_id, opportunity_id,"
    " convert_time"
)
GET = f"select {COLUMNS} from lead where tenant_id = $1 and id = $2"
LIST = (
    f"select {COLUMNS} from lead where tenant_id = $1 and state = $2 and delete_time is null"
    " order by create_time desc, id desc limit $3"
)
CREATE = """
with a as (insert into lead (tenant_id, id, revision, create_time, update_time, creator_id, updater_id, owner_id,
    team_id, labels, external_ids, custom_fields, display_name, display_name_sort, family_name, given_name, company,
    company_sort, position, emails, phones, source, rating, state, disqualify_reason, description, region, search_grams)
  values ($1, $2, 1, $3, $3, $4, $4, $4, $5, '{}', '[]', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'NEW',
    '', $18, $19, string_to_array($20, E'\\n'))),
b as (insert into history (tenant_id, aggregatetype, aggregateid, sequence, type, actor_id, change_time, payload)
  values ($1, 'sales.lead', $2, 1, 'kith.sales.lead.created.v1', $4, $3, $21)),
c as (insert into request (tenant_id, user_id, method, request_id, content, record_id)
  values ($1, $4, 'kith.sales.v1.Leads.CreateLead', $23, $24, $2))
insert into outbox (lane, topic, id, aggregatetype, aggregateid, type, tenant_id, sequence, headers, payload)
  values (0, 'kith.sales.v1', $22, 'sales.lead', $2, 'kith.sales.lead.created.v1', $1, 1, '{}', $21)
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CONTENT = bytes(32)  # as long as a digest
pb: Any = lead_pb2  # its stubs do not say that messages are made of dicts, too


def moment(at: datetime) -> dict[str, int]:
    since = at - EPOCH
    return {"seconds": since.days * 86400 + since.seconds, "nanos": since.microseconds * 1000}


def fields(row: Any) -> dict[str, Any]:
    (id, revision, created, updated, creator, updater, owner, team, _labels, _externals, custom, name, family, given,
     company, position, emails, phones, _address, source, _campaign, rating, state, _why, description, region, *_
    ) = row  # fmt: skip
    return {
        "id": str(id),
        "etag": f'"{revision}"',
        "create_time": moment(created),
        "update_time": moment(updated),
        "creator_id": str(creator),
        "updater_id": str(updater),
        "owner_id": str(owner),
        "team_id": str(team),
        "custom_fields": orjson.loads(custom),
        "display_name": name,
        "family_name": family,
        "given_name": given,
        "company": company,
        "position": position,
        "emails": orjson.loads(emails),
        "phones": orjson.loads(phones),
        "source": source,
        "rating": rating,
        "state": state,
        "description": description,
        "region": region,
    }


async def serve(url: str, address: str) -> None:
    pool = await asyncpg.create_pool(url, min_size=8, max_size=8, connection_class=Connection)

    async def get(request: Any, context: Any) -> Any:
        row = await pool.fetchrow(GET, TENANT, request.id)
        if row is None:
            await context.abort(grpc.StatusCode.NOT_FOUND, "not found")
        return pb.Lead(**fields(row))

    async def list_(request: Any, context: Any) -> Any:
        reply = pb.ListLeadsResponse()
        for row in await pool.fetch(LIST, TENANT, "NEW", request.page_size):
            reply.leads.add(**fields(row))
        return reply

    async def create(request: Any, context: Any) -> Any:
        given, id, at = request.lead, uuid.uuid4(), datetime.now(UTC)
        made = pb.Lead(
            id=str(id), etag='"1"', create_time=moment(at), update_time=moment(at), creator_id=str(USER),
            updater_id=str(USER), owner_id=str(USER), team_id=str(TEAM), state="NEW",
        )  # fmt: skip
        made.MergeFrom(given)
        event = pb.LeadEvent(verb="created", after=made, actor_id=str(USER), change_time=moment(at)).SerializeToString()
        emails = orjson.dumps([{"address": one.address, "primary": one.primary} for one in given.emails]).decode()
        phones = orjson.dumps([{"number": one.number, "primary": one.primary} for one in given.phones]).decode()
        grams = stored(given.display_name, "display_name:") | stored(given.company, "company:")
        for one in given.emails:
            grams |= stored(one.address, "emails:")
        for one in given.phones:
            grams |= stored(one.number, "phones:")
        await pool.execute(
            CREATE, TENANT, id, at, USER, TEAM, '{"tier": "gold"}', given.display_name,
            name_sort_key(given.display_name),
            given.family_name, given.given_name, given.company, name_sort_key(given.company), given.position, emails,
            phones,
            given.source, "WARM", given.description, given.region, "\n".join(grams), event, uuid.uuid4(),
            request.request_id, CONTENT,
        )  # fmt: skip
        return made

    server = grpc.aio.server(options=OPTIONS)
    handler = grpc.unary_unary_rpc_method_handler
    handlers: dict[str, Any] = {
        "GetLead": handler(get, pb.GetLeadRequest.FromString, pb.Lead.SerializeToString),
        "ListLeads": handler(list_, pb.ListLeadsRequest.FromString, pb.ListLeadsResponse.SerializeToString),
        "CreateLead": handler(create, pb.CreateLeadRequest.FromString, pb.Lead.SerializeToString),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("kith.sales.v1.Leads", handlers),))
    server.add_insecure_port(address)
    await server.start()
    settle()
    await until_told_to_stop()
    await server.stop(None)
    await pool.close()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
