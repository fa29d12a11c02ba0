"""The text of a noun's standard requests, replies and event."""

from collections.abc import Mapping

from cli.noun_template import METHODS, NounShape, line

_UUID = "(buf.validate.field).string.uuid = true"
_ZERO_OR = "(buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE"
_REFERENCE = '(kith.v1.reference) = "identity.{}"'
_LEVEL = "(buf.validate.field).enum = {defined_only: true, not_in: [0]}"
REQUEST_ID = "(buf.validate.field).string.max_len = 200"


def message(comment: str, name: str, *fields: str) -> str:
    return f"\n// {comment}\nmessage {name} {{\n{''.join(fields)}}}\n"


def field(comment: str, declaration: str, *options: str) -> str:
    return f"  // {comment}\n" + line(declaration, *options)


def which(noun: NounShape) -> str:
    return field(f"The {noun.one}.", "string id = 1", _UUID)


def guards(first: int, *, etag: bool = True) -> str:
    """What every request that changes something ends with; `first` is the number of the first of them."""
    text, number = "", first
    if etag:
        text += field("The etag it was read with; empty changes it unconditionally.", f"string etag = {number}")
        number += 1
    text += field(
        "Chosen by the caller: repeated within 24 hours it changes nothing more, and answers the same record.",
        f"string request_id = {number}",
        REQUEST_ID,
    )
    return text + field("Answers what would be, and changes nothing.", f"bool validate_only = {number + 1}")


def _paging(first: int) -> str:
    return field(
        "0 means 50; above 200 means 200.", f"int32 page_size = {first}", "(buf.validate.field).int32.gte = 0"
    ) + field("`next_page_token` of the page before; empty begins.", f"string page_token = {first + 1}")


_FILTER = "Which ones, as AIP-160 writes it; empty means all."
_GRANTEE = "".join(
    field(
        f"{words}; empty where it is a {other}.",
        *(f"string {kind}_id = {number}", _ZERO_OR, _UUID, _REFERENCE.format(kind)),
    )
    for words, kind, other, number in (("Which user", "user", "team", 2), ("Or which team", "team", "user", 3))
)
_NEXT = field("Asks for the next page; empty on the last.", "string next_page_token = 2")


def standard_messages(noun: NounShape, own: Mapping[str, str] | None = None) -> str:
    """Requests and replies of the methods the noun has; `own` adds a noun's own fields, from 10 on, to a request."""
    own = own or {}
    title, titles, name, one, many = noun.title, noun.plural_title, noun.name, noun.one, noun.many
    several = field("In the order asked.", f"repeated {title} {noun.plural} = 1")
    known = {
        "Get": message(
            f"Which {one}.",
            f"Get{title}Request",
            which(noun),
            field("As it stood then; not set means now.", "google.protobuf.Timestamp read_time = 2"),
        ),
        "BatchGet": message(
            f"Which {many}.",
            f"BatchGet{titles}Request",
            field(
                "At most 200.",
                "repeated string ids = 1",
                "(buf.validate.field).repeated = {max_items: 200, items: {string: {uuid: true}}}",
            ),
        )
        + message(f"The {many} there are.", f"BatchGet{titles}Response", several),
        "List": message(
            f"Which {many}, in which order, and how many at once.",
            f"List{titles}Request",
            _paging(1),
            field(_FILTER, "string filter = 3"),
            field(
                "Sortable fields, as in `create_time desc, id`; empty means the newest first.", "string order_by = 4"
            ),
            field("With the deleted ones.", "bool show_deleted = 5"),
            field("Counts what matches, up to 1,000.", "bool with_total = 6"),
            field("Counts to the end; slow where there are many.", "bool exact_total = 7"),
        )
        + message(
            f"A page of {many}.",
            f"List{titles}Response",
            several,
            _NEXT,
            field("How many match; 0 unless asked for.", "int32 total_size = 3"),
            field("More match than were counted.", "bool total_is_capped = 4"),
        ),
        "Aggregate": message(
            f"Which {many}, grouped by what, and what to measure.",
            f"Aggregate{titles}Request",
            field(_FILTER, "string filter = 1"),
            field(
                "Fields, or parts of times and dates as in `month(create_time)`; at most 4.",
                "repeated string group_by = 2",
            ),
            field("`sum(amount)` and its like: sum, avg, min, max, count; at most 10.", "repeated string measures = 3"),
            field("With the deleted ones.", "bool show_deleted = 4"),
            field("IANA name that days begin in; empty means the caller's.", "string time_zone = 5"),
        )
        + message(
            "The groups, largest first.",
            f"Aggregate{titles}Response",
            field("One a group.", "repeated kith.v1.AggregateRow rows = 1"),
        ),
        "Create": message(
            f"A new {one}.",
            f"Create{title}Request",
            field("What it is to be.", f"{title} {name} = 1", "(buf.validate.field).required = true"),
            guards(2, etag=False),
            field("Chosen by the caller, a UUIDv7; a taken one is ALREADY_EXISTS.", "optional string id = 4", _UUID),
            own.get("Create", ""),
        )
        + (_with_secret(noun) if noun.secret else ""),
        "Update": message(
            "What to change.",
            f"Update{title}Request",
            field(
                "Its id, its etag, and the new values; checked after merging, since it carries only what changes.",
                f"{title} {name} = 1",
                "(buf.validate.field).ignore = IGNORE_ALWAYS",
            ),
            field(
                "Which fields; absent means the populated ones, present and empty means none.",
                "google.protobuf.FieldMask update_mask = 2",
            ),
            guards(3, etag=False),
        ),
        "Delete": message("Which to put away.", f"Delete{title}Request", which(noun), guards(2)),
        "Undelete": message("Which to bring back.", f"Undelete{title}Request", which(noun), guards(2)),
        "Transfer": message(
            "Which to give away, and to whom.",
            f"Transfer{title}Request",
            which(noun),
            field("The new owner.", "string owner_id = 2", _UUID, _REFERENCE.format("user")),
            field(
                "The new team; empty means none.",
                *("string team_id = 3", _ZERO_OR, _UUID, _REFERENCE.format("team")),
            ),
            guards(4),
        ),
        "Share": message(
            "Which to show, to whom, and how much.",
            f"Share{title}Request",
            which(noun),
            _GRANTEE,
            field("How much.", "kith.v1.Share.Level level = 4", "(google.api.field_behavior) = REQUIRED", _LEVEL),
            field("When it ends by itself; not set means it does not.", "google.protobuf.Timestamp expire_time = 5"),
            field("Why; up to 1,000 characters.", "string reason = 6", "(buf.validate.field).string.max_len = 1000"),
            guards(7),
        ),
        "Unshare": message("From whom to take it back.", f"Unshare{title}Request", which(noun), _GRANTEE, guards(4)),
        "ListShares": message("Whose shares.", f"List{title}SharesRequest", which(noun), _paging(2))
        + message(
            "A page of shares.",
            f"List{title}SharesResponse",
            field("In no order that means anything.", "repeated kith.v1.Share shares = 1"),
            _NEXT,
        ),
        "ListRevisions": message("Whose history.", f"List{title}RevisionsRequest", which(noun), _paging(2))
        + message(
            "A page of a history.",
            f"List{title}RevisionsResponse",
            field("Newest first.", f"repeated {title}Event revisions = 1"),
            _NEXT,
        ),
    }
    return "".join(known[method] for method in METHODS if method in noun.methods)


def _with_secret(noun: NounShape) -> str:
    return message(
        f"The new {noun.one}, and its secret.",
        f"Create{noun.title}Response",
        field("As it was made.", f"{noun.title} {noun.name} = 1"),
        field("Told once: it cannot be read again.", "string secret = 2", "(kith.v1.personal) = SENSITIVE"),
    )


def event(noun: NounShape, details: str = "") -> str:
    """What the world hears of a change. `details` is the field 7."""
    return message(
        f"Something happened to the {noun.one}.",
        f"{noun.title}Event",
        field("What, in the past tense: `created`.", "string verb = 1"),
        field("As it is since.", f"{noun.title} after = 2"),
        field("As it was; not set when it is new.", f"{noun.title} before = 3"),
        field("Names of the fields that differ.", "repeated string changed_fields = 4"),
        field("Who did it: a user, or a service of the suite.", "string actor_id = 5", _REFERENCE.format("user")),
        field("When.", "google.protobuf.Timestamp change_time = 6"),
        details,
        field("Who was shown it, or is not any more; set by those two only.", "kith.v1.Share share = 8")
        if "Share" in noun.methods
        else "",
    )
