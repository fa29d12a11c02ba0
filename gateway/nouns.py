"""The nouns behind us, found in the descriptors: what search, live updates and the docs page know of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, MethodDescriptor

from gateway.codec.times import camel
from gateway.contract import Contract, is_searchable, label, resource_of
from kith.v1 import options_pb2


@dataclass(frozen=True)
class Noun:
    """One noun; a method that it does not have is None."""

    name: str  # "contacts.account"
    plural: str  # "accounts", as in replies and URLs
    message: Descriptor
    label: dict[str, str]
    searchable: bool
    get: MethodDescriptor | None
    batch_get: MethodDescriptor | None
    list: MethodDescriptor | None

    @property
    def title_field(self) -> str:
        """The JSON name of what a record is called by: its display name, else its first text that words find."""
        if "display_name" in self.message.fields_by_name:
            return "displayName"
        found = (f for f in self.message.fields if f.GetOptions().Extensions[options_pb2.searchable])
        return next((str(field.json_name) for field in found), "id")


def nouns_of(contract: Contract) -> dict[str, Noun]:
    """By name, in the order of the protos."""
    return {noun.name: noun for noun in _all(contract)}


def _all(contract: Contract) -> Iterator[Noun]:
    methods = {(method.containing_service.file.package, method.name): method for method in contract.methods()}
    for message in contract.messages():
        resource = resource_of(message)
        if resource is None:
            continue
        package = message.file.package
        several = "".join(word.capitalize() for word in resource.plural.split("_"))
        yield Noun(
            name=f"{package.split('.')[-2]}.{snake(message.name)}",
            plural=camel(resource.plural),
            message=message,
            label=label(resource.label),
            searchable=is_searchable(message),
            get=methods.get((package, f"Get{message.name}")),
            batch_get=methods.get((package, f"BatchGet{several}")),
            list=methods.get((package, f"List{several}")),
        )


def snake(title: str) -> str:
    """`CaseMessage` -> `case_message`"""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", title).lower()
