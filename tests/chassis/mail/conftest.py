"""The same small services as for events."""

from tests.chassis.events.conftest import world

__all__ = ["world"]
