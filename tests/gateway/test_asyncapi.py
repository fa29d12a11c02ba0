"""What the gateway serves of events: their document, and the descriptors to read them by."""

import httpx
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from gateway.asyncapi.document import document
from gateway.contract import Contract
from gateway.nouns import nouns_of


async def test_the_document_of_events_is_there_for_everybody(browser: httpx.AsyncClient, contract: Contract) -> None:
    reply = await browser.get("/asyncapi.json")
    assert reply.json() == document(contract, nouns_of(contract))
    known = await browser.get("/asyncapi.json", headers={"if-none-match": reply.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    for page in ("/docs", "/"):
        assert 'href="/asyncapi.json"' in (await browser.get(page)).text


async def test_the_descriptors_are_whole_and_carry_no_comments(browser: httpx.AsyncClient, contract: Contract) -> None:
    reply = await browser.get("/contract.binpb")
    assert reply.headers["content-type"] == "application/protobuf"
    read = FileDescriptorSet.FromString(reply.content)
    assert [file.name for file in read.file] == [file.name for file in contract.files]
    assert not any(file.HasField("source_code_info") for file in read.file)
    assert Contract(reply.content).message("kith.garden.v1.Plant")
