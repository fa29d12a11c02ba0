"""`python -m identity serve`: starts from its environment, answers, and says in one sentence what it lacks."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import grpc

from chassis.database.embedded import free_port
from chassis.testing.postgres import Postgres
from chassis.testing.serving import Client
from identity.app import SERVICE
from tests.identity.suite import KEYS, METHODS, PASSWORD

ROOT = Path(__file__).parents[2]


async def started(environ: dict[str, str]) -> asyncio.subprocess.Process:
    paths = os.pathsep.join(str(ROOT / folder) for folder in (".", "services", "protos/gen"))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "identity", "serve"),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_it_serves_and_drains(postgres: Postgres) -> None:
    async with postgres.database(SERVICE) as urls, postgres.events() as events:
        port = free_port()
        process = await started(
            {
                "KITH_IDENTITY_PORT": str(port),
                "KITH_IDENTITY_DATABASE_URL": urls.app,
                "KITH_IDENTITY_WORKER_DATABASE_URL": urls.worker,
                "KITH_EVENTS_DATABASE_URL": events,
                "KITH_PAGE_SECRET": "p" * 40,
                "KITH_IDENTITY_SECRET": "s" * 40,
                **{f"KITH_{name.upper()}_KEY": key for name, key in KEYS.items()},
            }
        )
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                await asyncio.wait_for(channel.channel_ready(), 60)
                tenant = await Client(channel, METHODS, KEYS["platform"]).ProvisionTenant(
                    tenant={"display_name": "Acme", "slug": "acme", "base_currency": "EUR"},
                    provision_id="first",
                    admin_email="a@acme.example",
                    admin_display_name="Ada",
                    admin_password=PASSWORD,
                )
                signed = await Client(channel, METHODS, "").SignIn(email="a@acme.example", password=PASSWORD)
                me = await Client(channel, METHODS, signed.access_token).WhoAmI()
                assert me.principal.tenant_id == tenant.id
                watch: Any = channel.unary_stream("/kith.identity.v1.Authentication/WatchPrincipals")
                watching = watch(b"", metadata=(("authorization", f"Bearer {KEYS['sales']}"),))
                await watching.read()
                process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(60):
                    assert await watching.code() is grpc.StatusCode.OK  # let go, so that it holds nobody up
        finally:
            if process.returncode is None:
                process.terminate()
            _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, errors.decode()


async def test_without_its_secret_it_does_not_start() -> None:
    process = await started({})
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, errors.decode().count("\n")) == (78, 1)
