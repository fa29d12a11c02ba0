"""Our side of a duel: sales as it is served, without what works beside it."""

import sys

import uvloop

from bench.authority import authenticator
from chassis.call import Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.transport.pipeline import Pipeline
from chassis.transport.server import Server, until_told_to_stop
from sales.app import SERVICE


async def serve(url: str, address: str) -> None:
    database = await Database.open(url, 8)
    calls = Calls(SERVICE.name, database, Means(b"pages of a benchmark"))
    server = Server(SERVICE, Pipeline(calls, authenticator()), address)
    await server.start()
    await until_told_to_stop()
    await server.stop(None)
    await database.close()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
