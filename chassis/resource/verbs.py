"""What can happen to a noun, read off its contract: nothing else is ever published."""

from google.protobuf.descriptor import Descriptor

from kith.v1 import options_pb2

# What the standard methods publish.
STANDARD = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Undelete": "undeleted",
    "Transfer": "transferred",
    "Share": "shared",
    "Unshare": "unshared",
}


ERASED = "erased"  # what was personal in it, or mentioned somebody, is gone; of every noun, and without `before`


def event_of_noun(noun: Descriptor) -> Descriptor | None:
    """The message that tells of a change; None for a journal, of which nobody hears."""
    found: Descriptor | None = noun.file.message_types_by_name.get(f"{noun.name}Event")
    return found


def verbs_of(noun: Descriptor) -> tuple[str, ...]:
    """In the past tense: by the standard methods it has, then those that its event declares."""
    event = event_of_noun(noun)
    if event is None:
        return ()
    methods = {method.name for service in noun.file.services_by_name.values() for method in service.methods}
    standard = [verb for word, verb in STANDARD.items() if f"{word}{noun.name}" in methods]
    return (*standard, ERASED, *event.GetOptions().Extensions[options_pb2.verbs])
