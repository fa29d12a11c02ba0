"""The way to a neighbour service: every call with a deadline, on somebody's behalf, repeated only where it is safe."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from chassis.errors import DeadlineExceeded, Unavailable
from chassis.telemetry import CURRENT
from chassis.transport.behalf import Behalf, BehalfTokens
from chassis.transport.refused import refused
from kith.identity.v1 import authentication_pb2
from kith.identity.v1.authentication_pb2 import ExchangeTokenRequest, ExchangeTokenResponse

LARGEST_BYTES = 8 * 1024 * 1024 + 4096  # a message of 8 MB and its frame
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, ATTEMPTS = 0.05, 1.0, 5
OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST_BYTES),
    ("grpc.max_send_message_length", LARGEST_BYTES),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)
EXCHANGE = authentication_pb2.DESCRIPTOR.services_by_name["Authentication"].methods_by_name["ExchangeToken"]
EXCHANGE_SECONDS = 5.0
M = TypeVar("M", bound=Message)


class Neighbours:
    """Channels to the services named in `addresses` ("contacts" -> "host:port"); `key` is this service's own API key.

    One a process. Close it when the process ends.
    """

    def __init__(self, addresses: Mapping[str, str], key: str) -> None:
        self._channels = {name: grpc.aio.insecure_channel(address, OPTIONS) for name, address in addresses.items()}
        self._budgets = {name: Budget() for name in addresses}
        self._key = key
        self._tokens = BehalfTokens(self._exchange)

    async def close(self) -> None:
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))

    async def call(
        self, method: MethodDescriptor, request: Message, reply: type[M], *, as_: Behalf | None, deadline_seconds: float
    ) -> M:
        """Call `method` as a user of a tenant, or with the service's own key where `as_` is None.

        Reads, and writes that carry a request_id, are repeated while the neighbour is unavailable, until the deadline
        or until repeats have become too many. Raises the neighbour's refusal, or a DeadlineExceeded or Unavailable.
        """
        service = service_of(method)
        try:
            async with asyncio.timeout(deadline_seconds) as limit:
                async for attempt in self._attempts(service, is_repeatable(method, request)):
                    with attempt:
                        return await self._once(service, method, request, reply, as_, limit.when())
        except TimeoutError:
            raise DeadlineExceeded(f"{method.full_name} took longer than {deadline_seconds} s") from None
        raise AssertionError("tenacity raises what the last attempt raised")

    async def stream(self, method: MethodDescriptor, request: Message, reply: type[M]) -> AsyncGenerator[M, None]:
        """What a stream says until it ends, asked for with the service's own key; whoever reads it minds the silence.

        Raises the neighbour's refusal.
        """
        ask = self._channels[service_of(method)].unary_stream(
            path_of(method), type(request).SerializeToString, reply.FromString
        )
        answer = ask(request, metadata=metadata(self._key))
        try:
            async for one in answer:
                yield one
        except grpc.aio.AioRpcError as error:
            raise refused(error) from error
        finally:
            answer.cancel()

    async def _once(
        self, service: str, method: MethodDescriptor, request: Message, reply: type[M], as_: Behalf | None, until: Any
    ) -> M:
        """A token that is not taken any more, as when its key was withdrawn, is asked for anew once."""
        ask = self._channels[service].unary_unary(path_of(method), type(request).SerializeToString, reply.FromString)
        again = as_ is not None
        while True:
            token = self._key if as_ is None else await self._tokens.get(as_)
            left = max(0.0, until - asyncio.get_running_loop().time())
            try:
                answer: M = await ask(request, timeout=left, metadata=metadata(token))
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAUTHENTICATED or as_ is None or not again:
                    raise refused(error) from error
                self._tokens.forget(as_)
                again = False
            else:
                self._budgets[service].earn()
                return answer

    async def _exchange(self, request: ExchangeTokenRequest) -> ExchangeTokenResponse:
        return await self.call(EXCHANGE, request, ExchangeTokenResponse, as_=None, deadline_seconds=EXCHANGE_SECONDS)

    def _attempts(self, service: str, repeatable: bool) -> AsyncRetrying:
        budget = self._budgets[service]

        def stop(state: RetryCallState) -> bool:
            return not repeatable or not budget.spend() or state.attempt_number >= ATTEMPTS

        return AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            wait=wait_random_exponential(FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS),
            stop=stop,
            reraise=True,
        )


class Budget:
    """Repeats are paid from what successes earn, so that an outage is not answered with a multiple of the calls."""

    FULL, EARNED = 20.0, 0.1

    def __init__(self) -> None:
        self._left = self.FULL

    def earn(self) -> None:
        self._left = min(self.FULL, self._left + self.EARNED)

    def spend(self) -> bool:
        """Whether one more repeat is paid for."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


def is_repeatable(method: MethodDescriptor, request: Message) -> bool:
    """Reads change nothing, and a request_id makes a write happen once; nothing else is said twice."""
    reads = method.name.startswith(("Get", "List", "BatchGet", "Aggregate", "ExchangeToken"))
    return reads or bool(getattr(request, "request_id", ""))


def service_of(method: MethodDescriptor) -> str:
    """`contacts` of `kith.contacts.v1.Contacts.CreateContact`."""
    package: str = method.containing_service.file.package
    return package.split(".")[-2]


def path_of(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def metadata(token: str) -> tuple[tuple[str, str], ...]:
    """The only identity that travels is the token; the trace goes along with it."""
    said, trace = ("authorization", f"Bearer {token}"), CURRENT.get()
    return (said, ("traceparent", trace)) if trace else (said,)
