"""All that a record goes through before it is written, in the one order that is right."""

from collections.abc import Callable
from typing import Any

from google.api import field_behavior_pb2 as behavior

from chassis.call import Call
from chassis.custom.fit import fit
from chassis.resource.noun import Noun
from chassis.resource.reckoning import amounts_in, reckon
from chassis.resource.tidy import tidy_of
from chassis.resource.validity import refuse_incomplete, refuse_invalid
from chassis.sealed.fields import seal, sealed_fields, without_tokens


class Settling:
    """Of one noun, compiled from its contract; `check` are its own rules."""

    def __init__(self, noun: Noun, check: Callable[[Any], None] | None) -> None:
        self._noun, self._check = noun, check
        self._required = [noun.fields[name].descriptor for name in sorted(noun.having(behavior.REQUIRED))]
        self._tidy, self._amounts = tidy_of(noun.descriptor), amounts_in(noun.descriptor)
        self._sealed = sealed_fields(noun.descriptor)

    async def settle(self, call: Call, record: Any, before: Any = None, *, valid: bool = False) -> None:
        """In place. Rules come first: they bring values into one form, and fill in what follows from others. Custom
        fields are worked out from amounts too, and sealed is what nobody has to read any more.

        `valid`: the contract's rules were asked of what this new record is made of; asking costs as much as the rest.

        Raises InvalidArgument for a broken rule, TenantUnknown, KeyUnknown.
        """
        if before is None:
            self._refuse_unfit(record, valid)
        else:
            with without_tokens(self._sealed, record, before):
                self._refuse_unfit(record)
        reckon(call.caller, self._amounts, record, before)
        await fit(call, self._noun, record, before)
        seal(call, self._noun.permission, self._sealed, record, before)

    def _refuse_unfit(self, record: Any, valid: bool = False) -> None:
        if self._tidy:
            self._tidy(record)
        refuse_incomplete(record, self._required)
        if not valid:
            refuse_invalid(record)
        if self._check:
            self._check(record)
