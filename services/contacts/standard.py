"""The standard method that a verb of contacts adds a rule to."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from google.protobuf.message import Message

from chassis.call import Call
from chassis.resource.patch import populated
from chassis.resource.resource import Resource
from chassis.resource.standard import standard_method

T = TypeVar("T", bound=Message)


def standard(resource: Resource[T], name: str) -> Callable[[Call, Any], Awaitable[T]]:
    """Raises TypeError when there is no such standard method."""
    found = standard_method(resource, name)  # type: ignore[arg-type]  # Resource is invariant; this only reads
    if found is None:
        raise TypeError(f"{name} is no standard method")
    return found[0]  # type: ignore[return-value]  # the noun is what it answers


def named(resource: Resource[T], request: Any) -> set[str]:
    """The fields an update changes: those of its mask, or without one the populated ones."""
    given = getattr(request, resource.noun.name)
    if not request.HasField("update_mask"):
        return set(populated(resource, given))
    return {resource.noun.path_of(path).partition(".")[0] for path in request.update_mask.paths}
