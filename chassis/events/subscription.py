"""What a service does when another one speaks: `on("sales.opportunity.won", open_onboarding_case)`."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_origin

from google.protobuf.message import DecodeError, Message

from chassis.call import Call
from chassis.events.cloud_event import Event, Malformed
from chassis.events.outbox import BULK, INTERACTIVE, topic_of

ANY = "*"


M = TypeVar("M", bound=Message)


class Heard(NamedTuple, Generic[M]):
    """One of several that a function is told at once."""

    message: M
    event: Event


@dataclass(frozen=True, slots=True)
class Subscription:
    event_type: str  # "kith.sales.opportunity.won.v1"
    topics: tuple[str, ...]
    message: type[Message]
    function: Callable[..., Awaitable[None]]
    wants_event: bool = False
    wants_many: bool = False
    wants_all: bool = False  # the events themselves, whatever they are, as many as are taken in together

    async def apply(self, call: Call, events: Sequence[Event]) -> None:
        """Raises Malformed, and whatever the function does. More than one only where it wants many."""
        if self.wants_all:
            await self.function(call, events)
            return
        heard = [Heard(self._message_of(event), event) for event in events]
        if self.wants_many:
            await self.function(call, heard)
            return
        for message, event in heard:
            await (self.function(call, message, event) if self.wants_event else self.function(call, message))

    def _message_of(self, event: Event) -> Message:
        try:
            return self.message.FromString(event.payload)
        except DecodeError as error:
            raise Malformed(f"no {self.message.DESCRIPTOR.full_name}: {error}") from error


def on(what: str, function: Callable[..., Awaitable[None]]) -> Subscription:
    """Call `function(call, message)` once for each `<service>.<noun>.<past tense>`; `*` for the verb means all of them.

    The message's class is the function's annotation. A third argument is given the `Event`, whose `sequence` readers
    that keep facts need: events of one record keep their order within a lane, not between the two. The call acts for
    the service, in the event's tenant, in the transaction that takes the event in. Raises TypeError.
    """
    parameters = _parameters(function)
    if len(parameters) not in (2, 3):
        raise TypeError(f"{_name(function)}: a consumer takes a call, a message and perhaps the event")
    return _subscription(what, function, parameters[1].annotation, wants_event=len(parameters) == 3)


def on_many(what: str, function: Callable[[Call, Sequence[Heard[M]]], Awaitable[None]]) -> Subscription:
    """As `on`, for a function that takes a `Sequence[Heard[<message>]]`: what follows one another on a topic, is of one
    type and of as many records, is told it at once. For what comes by the million."""
    parameters = _parameters(function)
    inner = get_args(parameters[1].annotation) if len(parameters) == 2 else ()
    if not inner or get_origin(inner[0]) is not Heard:
        raise TypeError(f"{_name(function)}: a consumer of many takes a call and a Sequence[Heard[...]]")
    return _subscription(what, function, get_args(inner[0])[0], wants_many=True)


def _subscription(what: str, function: Callable[..., Awaitable[None]], message: Any, **wants: bool) -> Subscription:
    parts = what.split(".")
    if len(parts) != 3 or not all(parts):
        raise TypeError(f"{what}: an event is named <service>.<noun>.<past tense>")
    if not (isinstance(message, type) and issubclass(message, Message)):
        raise TypeError(f"{_name(function)}: annotate the message it takes")
    topics = topic_of(parts[0], INTERACTIVE), topic_of(parts[0], BULK)
    return Subscription(f"kith.{what}.v1", topics, message, function, **wants)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())


def on_everything(
    services: Iterable[str], function: Callable[[Call, Sequence[Event]], Awaitable[None]]
) -> Subscription:
    """Call `function(call, events)` with every event of these services, as many as are taken in together, in order.

    They are one tenant's, as the call is; each comes once.
    """
    topics = tuple(topic_of(service, lane) for service in services for lane in (INTERACTIVE, BULK))
    return Subscription(ANY, topics, Message, function, wants_all=True)


def every_verb(event_type: str) -> str:
    """`kith.sales.opportunity.won.v1` → `kith.sales.opportunity.*.v1`"""
    head, _, version = event_type.rpartition(".")
    return f"{head.rpartition('.')[0]}.{ANY}.{version}"


def _name(function: object) -> str:
    return getattr(function, "__name__", repr(function))
