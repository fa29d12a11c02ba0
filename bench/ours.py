"""Our side: a service as it is served, sales unless another is named, without what works beside it."""

import sys
from importlib import import_module

import uvloop

from bench.authority import authenticator
from chassis.call import Means
from chassis.calls import Calls
from chassis.database.session import Database
from chassis.memory import settle
from chassis.service import Service
from chassis.testing.data_keys import made_up
from chassis.transport.pipeline import Pipeline
from chassis.transport.server import Server, until_told_to_stop


async def serve(url: str, address: str, name: str = "sales") -> None:
    service: Service = import_module(f"{name}.app").SERVICE
    database = await Database.open(url, 8)
    calls = Calls(service.name, database, Means(b"pages of a benchmark", data_keys=made_up()))
    server = Server(service, Pipeline(calls, authenticator()), address)
    await server.start()
    settle()
    await until_told_to_stop()
    await server.stop(None)
    await database.close()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
