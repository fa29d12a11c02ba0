"""What a service does when another one speaks: `on("sales.opportunity.won", open_onboarding_case)`."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError, Message

from chassis.call import Call
from chassis.events.cloud_event import Event, Malformed
from chassis.events.outbox import BULK, INTERACTIVE, topic_of

ANY = "*"


@dataclass(frozen=True, slots=True)
class Subscription:
    event_type: str  # "kith.sales.opportunity.won.v1"
    topics: tuple[str, ...]
    message: type[Message]
    function: Callable[..., Awaitable[None]]
    wants_event: bool

    async def apply(self, call: Call, event: Event) -> None:
        """Raises Malformed, and whatever the function does."""
        try:
            message = self.message.FromString(event.payload)
        except DecodeError as error:
            raise Malformed(f"no {self.message.DESCRIPTOR.full_name}: {error}") from error
        await (self.function(call, message, event) if self.wants_event else self.function(call, message))


def on(what: str, function: Callable[..., Awaitable[None]]) -> Subscription:
    """Call `function(call, message)` once for each `<service>.<noun>.<past tense>`; `*` for the verb means all of them.

    The message's class is the function's annotation. A third argument is given the `Event`, whose `sequence` readers
    that keep facts need: events of one record keep their order within a lane, not between the two. The call acts for
    the service, in the event's tenant, in the transaction that takes the event in. Raises TypeError.
    """
    parts = what.split(".")
    if len(parts) != 3 or not all(parts):
        raise TypeError(f"{what}: an event is named <service>.<noun>.<past tense>")
    parameters = list(inspect.signature(function, eval_str=True).parameters.values())
    if len(parameters) not in (2, 3):
        raise TypeError(f"{_name(function)}: a consumer takes a call, a message and perhaps the event")
    message: Any = parameters[1].annotation
    if not (isinstance(message, type) and issubclass(message, Message)):
        raise TypeError(f"{_name(function)}: annotate the message it takes")
    topics = topic_of(parts[0], INTERACTIVE), topic_of(parts[0], BULK)
    return Subscription(f"kith.{what}.v1", topics, message, function, len(parameters) == 3)


def every_verb(event_type: str) -> str:
    """`kith.sales.opportunity.won.v1` → `kith.sales.opportunity.*.v1`"""
    head, _, version = event_type.rpartition(".")
    return f"{head.rpartition('.')[0]}.{ANY}.{version}"


def _name(function: object) -> str:
    return getattr(function, "__name__", repr(function))
