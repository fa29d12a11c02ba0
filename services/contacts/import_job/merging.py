"""What a row changes in a record that is there: what it says, and nothing that it does not say."""

from typing import Any

from chassis.values.email import same_email
from contacts.import_job.plan import Draft
from contacts.import_job.targets import TIMES


def merge(record: Any, draft: Draft) -> None:
    """Of several addresses, numbers and ids those that are missing are added, and none is taken away."""
    given = draft.given
    for name in draft.named - TIMES:
        if name in _SEVERAL:
            _SEVERAL[name](record, given)
        elif name == "custom_fields":
            for code, value in given.custom_fields.fields.items():
                record.custom_fields.fields[code].CopyFrom(value)
        elif name == "display_name":
            _rename(record, draft)
        elif given.DESCRIPTOR.fields_by_name[name].message_type:
            getattr(record, name).CopyFrom(getattr(given, name))
        else:
            setattr(record, name, getattr(given, name))


def _rename(record: Any, draft: Draft) -> None:
    """Parts that were only guessed from a whole name do not replace what somebody knew better."""
    if record.display_name == draft.given.display_name:
        return
    record.display_name = draft.given.display_name
    for part in {"family_name", "given_name"} - draft.named:
        if part in record.DESCRIPTOR.fields_by_name:
            setattr(record, part, getattr(draft.given, part))


def _emails(record: Any, given: Any) -> None:
    known = {same_email(one.address) for one in record.emails}
    record.emails.extend(one for one in given.emails if same_email(one.address) not in known)


def _phones(record: Any, given: Any) -> None:
    known = {(one.number, one.extension) for one in record.phones}
    record.phones.extend(one for one in given.phones if (one.number, one.extension) not in known)


def _external(record: Any, given: Any) -> None:
    """A record has one id in a system."""
    for new in given.external_ids:
        kept = [one for one in record.external_ids if one.system != new.system]
        del record.external_ids[:]
        record.external_ids.extend([*kept, new])


_SEVERAL = {"emails": _emails, "phones": _phones, "external_ids": _external}
