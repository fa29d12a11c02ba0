"""The floor of the gateway: ASGI and a codec by hand before the floor's backend, with no sessions, rights or limits."""

import os
import sys
from typing import Any

import grpc
import orjson
from granian import Granian
from granian.constants import Interfaces, Loops

from kith.sales.v1 import lead_pb2 as pb

LEADS = "/kith.sales.v1.Leads/"
PREFIX = "/v1/leads/"
JSON = (b"content-type", b"application/json")


def json_of(lead: pb.Lead) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": lead.id,
        "etag": lead.etag,
        "createTime": lead.create_time.ToJsonString(),
        "updateTime": lead.update_time.ToJsonString(),
        "creatorId": lead.creator_id,
        "updaterId": lead.updater_id,
        "ownerId": lead.owner_id,
        "teamId": lead.team_id,
        "customFields": {name: value.string_value for name, value in lead.custom_fields.fields.items()},
        "displayName": lead.display_name,
        "familyName": lead.family_name,
        "givenName": lead.given_name,
        "company": lead.company,
        "position": lead.position,
        "emails": [{"address": one.address, "primary": one.primary} for one in lead.emails],
        "phones": [{"number": one.number, "primary": one.primary} for one in lead.phones],
        "source": lead.source,
        "rating": pb.Lead.Rating.Name(lead.rating),
        "state": pb.Lead.State.Name(lead.state),
        "description": lead.description,
        "region": lead.region,
    }
    return found


def lead_from(document: dict[str, Any]) -> pb.Lead:
    return pb.Lead(
        display_name=document["displayName"],
        family_name=document["familyName"],
        given_name=document["givenName"],
        company=document["company"],
        position=document["position"],
        emails=document["emails"],
        phones=document["phones"],
        source=document["source"],
        rating=document["rating"],
        description=document["description"],
        region=document["region"],
        custom_fields=document["customFields"],
    )


class Bare:
    """GET one, GET several, POST one."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["method"] == "POST":
            body = b""
            while True:
                message = await receive()
                body += message["body"]
                if not message.get("more_body"):
                    break
            key = next(value for name, value in scope["headers"] if name == b"idempotency-key").decode()
            request = pb.CreateLeadRequest(lead=lead_from(orjson.loads(body)), request_id=key)
            reply = json_of(await self._create(request, timeout=30))
        elif scope["path"].startswith(PREFIX):
            reply = json_of(await self._get(pb.GetLeadRequest(id=scope["path"][len(PREFIX) :]), timeout=30))
        else:
            found = await self._list(pb.ListLeadsRequest(page_size=50, filter="state = NEW"), timeout=30)
            reply = {"leads": [json_of(lead) for lead in found.leads], "nextPageToken": found.next_page_token}
        whole = orjson.dumps(reply)
        headers = [JSON, (b"content-length", str(len(whole)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": whole})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        channel = grpc.aio.insecure_channel(self._address)
        self._get: Any = _stub(channel, "GetLead", pb.GetLeadRequest, pb.Lead)
        self._list: Any = _stub(channel, "ListLeads", pb.ListLeadsRequest, pb.ListLeadsResponse)
        self._create: Any = _stub(channel, "CreateLead", pb.CreateLeadRequest, pb.Lead)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await channel.close()
        await send({"type": "lifespan.shutdown.complete"})


def _stub(channel: grpc.aio.Channel, name: str, request: Any, reply: Any) -> Any:
    return channel.unary_unary(LEADS + name, request.SerializeToString, reply.FromString)


def application() -> Bare:
    return Bare(os.environ["BARE_BACKEND"])


if __name__ == "__main__":
    Granian(
        "bench.bare_gateway:application",
        factory=True,
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
    ).serve()
