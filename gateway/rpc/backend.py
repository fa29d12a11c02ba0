"""The services behind us: one channel each, and what every call carries on."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.code_pb2 import Code
from grpc_health.v1 import health_pb2

from gateway.codec.writer import Write, Writers
from gateway.contract import Contract, http_rule, service_of
from gateway.incoming import Incoming
from gateway.problems import Problem
from gateway.rpc.refused import of_rpc

LARGEST_REQUEST, LARGEST_REPLY = 8_064_000, 64_000_000  # 8 MB and what stands around it; a page of 200 large records
DEADLINE_SECONDS = 30.0
HEALTH_SECONDS = 1.0
OPTIONS = (
    ("grpc.max_send_message_length", LARGEST_REQUEST),
    ("grpc.max_receive_message_length", LARGEST_REPLY),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)
HEALTH_METHOD = "/grpc.health.v1.Health/Check"
Metadata = tuple[tuple[str, str], ...]


Wait = Callable[[Any], Awaitable[Message]]


async def simply(call: Any) -> Message:
    reply: Message = await call
    return reply


class Rpc:
    """One method of a service, ready to be called."""

    def __init__(self, method: MethodDescriptor, channel: grpc.aio.Channel, writers: Writers) -> None:
        self.method, self.body = method, http_rule(method)[2]
        self.request: Callable[..., Message] = GetMessageClass(method.input_type)
        self.write: Write = writers.of(method.output_type)  # its reply as JSON
        self._stub: Any = channel.unary_unary(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )

    def start(self, message: Message, incoming: Incoming, seconds: float = DEADLINE_SECONDS) -> Any:
        """The call under way: await it, or cancel it."""
        return self._stub(message, timeout=seconds, metadata=metadata(incoming))

    async def answered(
        self, message: Message, incoming: Incoming, seconds: float = DEADLINE_SECONDS, wait: Wait = simply
    ) -> Message:
        """The reply. A browser's token that is not taken any more, as when its key was withdrawn, is replaced once:
        who rides on a session need not know of tokens. Raises grpc.aio.AioRpcError, Problem(UNAUTHENTICATED).
        """
        used = incoming.token
        try:
            return await wait(self.start(message, incoming, seconds))
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAUTHENTICATED or incoming.renew is None:
                raise
        await incoming.renew(used)
        return await wait(self.start(message, incoming, seconds))

    async def __call__(self, incoming: Incoming, seconds: float = DEADLINE_SECONDS, **fields: Any) -> Any:
        """The reply as JSON, for the fields of the request. Raises Problem."""
        try:
            return self.write(await self.answered(self.request(**fields), incoming, seconds))
        except grpc.aio.AioRpcError as error:
            raise of_rpc(error, self.body) from None


class Backend:
    """`addresses` by service: {"sales": "127.0.0.1:7003"}. Made on the event loop that uses it."""

    def __init__(self, contract: Contract, addresses: Mapping[str, str]) -> None:
        self._contract, self._writers = contract, Writers()
        self._channels = {name: grpc.aio.insecure_channel(address, OPTIONS) for name, address in addresses.items()}
        self._rpcs: dict[str, Rpc] = {}

    def rpc(self, full_name: str) -> Rpc:
        """Raises Problem(UNIMPLEMENTED) for a method that the contract does not have, or nobody serves here."""
        known = self._rpcs.get(full_name)
        if known is None:
            method = self._contract.method(full_name)
            if method is None or service_of(method) not in self._channels:
                raise Problem(Code.UNIMPLEMENTED, "UNIMPLEMENTED", f"nobody serves {full_name} here")
            known = self._rpcs[full_name] = Rpc(method, self._channels[service_of(method)], self._writers)
        return known

    async def health(self) -> dict[str, str]:
        """What each service says of itself: SERVING, NOT_SERVING, or UNREACHABLE within a second."""
        states = await asyncio.gather(*map(self._health, self._channels))
        return dict(zip(self._channels, states, strict=True))

    async def _health(self, service: str) -> str:
        check: Any = self._channels[service].unary_unary(
            HEALTH_METHOD,
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            reply = await check(health_pb2.HealthCheckRequest(), timeout=HEALTH_SECONDS)
        except grpc.aio.AioRpcError:
            return "UNREACHABLE"
        state: str = health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status)
        return state

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


def metadata(incoming: Incoming) -> Metadata:
    """The token, the trace, the request's name and the address as we see it: nothing a client says of itself."""
    named = (
        ("traceparent", incoming.traceparent),
        ("x-request-id", incoming.request_id),
        ("x-forwarded-for", incoming.address if incoming.address.isascii() else ""),
    )
    return (("authorization", f"Bearer {incoming.token}"), *named) if incoming.token else named
