"""Every permission that a role can grant, as the contracts of the suite have them."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from chassis.access.grants import PLATFORM
from identity.settings import SERVICES
from kith.v1 import options_pb2


@cache
def every_permission() -> tuple[str, ...]:
    """In alphabetical order; none of the platform's."""
    found = {permission for service in ("identity", *SERVICES) for permission in _permissions_of(service)}
    return tuple(sorted(one for one in found if one.split(".")[1] != PLATFORM))


def _permissions_of(service: str) -> Iterator[str]:
    package = import_module(f"kith.{service}.v1")
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        if module.name.endswith("_pb2"):
            for one in import_module(module.name).DESCRIPTOR.services_by_name.values():
                for method in one.methods:
                    if permission := method.GetOptions().Extensions[options_pb2.access].permission:
                        yield permission
