"""The API as the sample's people call it: over gRPC, each as themselves, every call once however often it is made."""

import asyncio
import hashlib
import importlib
import pkgutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from uuid import UUID

import grpc
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from chassis.config import SERVICES
from cli.health import OPTIONS
from cli.home import Trouble

SECONDS, AT_ONCE, PAGE = 25.0, 6, 200
TRIES, PAUSE_SECONDS = 6, 0.5
TOKEN_SECONDS = 200.0  # they are good for five minutes
BUSY = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.ABORTED)
ADMIN = ""


class Refused(Exception):
    """Why a call did not happen, by its public reason."""

    def __init__(self, rpc: str, reason: str, message: str) -> None:
        super().__init__(f"{rpc}: {reason}: {message}")
        self.reason = reason


@dataclass(frozen=True)
class Rpc:
    """`name` is as in `Leads.CreateLead`; `service` as in `sales`."""

    name: str
    service: str
    path: str
    request: type[Message]
    reply: type[Message]


class Door:
    """`passwords` are e-mail -> password; callers are named by e-mail, ADMIN is whom the API key is of."""

    def __init__(self, addresses: Mapping[str, str], api_key: str, passwords: Mapping[str, str]) -> None:
        self._channels = {
            name: grpc.aio.insecure_channel(address, options=OPTIONS) for name, address in addresses.items()
        }
        self._api_key, self._passwords = api_key, passwords
        self._tokens: dict[str, tuple[float, str]] = {}
        self._signing_in: dict[str, asyncio.Lock] = {}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._rpcs = {rpc.name: rpc for service in SERVICES for rpc in _rpcs(service)}
        self.tenant = ""

    async def __aenter__(self) -> "Door":
        self.tenant = (await self.ask(ADMIN, "Authentication.WhoAmI")).principal.tenant_id
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels.values():
            await channel.close()

    def id_of(self, key: str) -> str:
        """The id of the record that the sample calls `key`: the same whenever it is made in this tenant."""
        digest = int.from_bytes(hashlib.sha256(f"{self.tenant}/{key}".encode()).digest()[:16])
        return str(UUID(int=digest & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))

    async def ask(self, who: str, rpc: str, /, once: str = "", **fields: Any) -> Any:
        """The reply. `once` names what is done, so that a repeat does not do it again. Raises Refused, Trouble."""
        known = self._rpcs[rpc]
        request = known.request(**fields, **({"request_id": f"sample {once}"} if once else {}))
        for left in reversed(range(TRIES)):
            try:
                async with self._room:
                    return await self._call(known, request, await self._token(who))
            except grpc.aio.AioRpcError as error:
                if error.code() not in BUSY or not left:
                    raise _refused(rpc, error) from None
                await asyncio.sleep(PAUSE_SECONDS * (TRIES - left))
        raise AssertionError("the last try answers or raises")

    async def listed(self, who: str, rpc: str, filter: str = "") -> list[Any]:
        """All records of a list, page by page."""
        found: list[Any] = []
        token = ""
        while True:
            page = await self.ask(who, rpc, filter=filter, page_size=PAGE, page_token=token)
            found += getattr(page, page.DESCRIPTOR.fields[0].name)
            token = page.next_page_token
            if not token:
                return found

    async def there(self, who: str, rpc: str, keys: Iterable[str]) -> dict[str, Any]:
        """Those of the records that are there, by what the sample calls them."""
        names = {self.id_of(key): key for key in keys}
        ids = list(names)
        found: dict[str, Any] = {}
        for at in range(0, len(ids), PAGE):
            page = await self.ask(who, rpc, ids=ids[at : at + PAGE])
            found |= {names[one.id]: one for one in getattr(page, page.DESCRIPTOR.fields[0].name)}
        return found

    async def _call(self, rpc: Rpc, request: Message, token: str) -> Any:
        call = self._channels[rpc.service].unary_unary(rpc.path, type(request).SerializeToString, rpc.reply.FromString)
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        return await call(request, timeout=SECONDS, metadata=metadata, wait_for_ready=True)

    async def _token(self, who: str) -> str:
        if who == ADMIN:
            return self._api_key
        async with self._signing_in.setdefault(who, asyncio.Lock()):
            until, token = self._tokens.get(who, (0.0, ""))
            if until < time.monotonic():
                rpc = self._rpcs["Authentication.SignIn"]
                request = rpc.request(email=who, password=self._passwords[who], device="kith demo")
                token = (await self._call(rpc, request, "")).access_token
                self._tokens[who] = time.monotonic() + TOKEN_SECONDS, token
            return token


def revision(record: Any) -> int:
    """How often it was written."""
    return int(record.etag.strip('"'))


def _rpcs(service: str) -> Sequence[Rpc]:
    package = importlib.import_module(f"kith.{service}.v1")
    files = [name for _, name, _ in pkgutil.iter_modules(package.__path__) if name.endswith("_pb2")]
    return [
        Rpc(
            f"{holder.name}.{method.name}",
            service,
            f"/{holder.full_name}/{method.name}",
            GetMessageClass(method.input_type),
            GetMessageClass(method.output_type),
        )
        for file in files
        for holder in importlib.import_module(f"kith.{service}.v1.{file}").DESCRIPTOR.services_by_name.values()
        for method in holder.methods
    ]


def _refused(rpc: str, error: grpc.aio.AioRpcError) -> Exception:
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return Trouble(f"{rpc}: a service is away: {error.details()}.")
    info = ErrorInfo()
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in Status.FromString(value).details:
                detail.Unpack(info)
    return Refused(rpc, info.reason or error.code().name, error.details() or "")
