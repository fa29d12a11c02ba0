"""The text that every noun's contract begins from: the generator writes it, the lint holds every noun to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# In the order of a file.
METHODS = (
    "Get",
    "BatchGet",
    "List",
    "Aggregate",
    "Create",
    "Update",
    "Delete",
    "Undelete",
    "Transfer",
    "Share",
    "Unshare",
    "ListShares",
    "ListRevisions",
)
# What can change hands can also be shown to somebody else: these four come together, on nouns with owners only.
OF_OWNED = frozenset({"Transfer", "Share", "Unshare", "ListShares"})
WIDTH = 120
_OUT = "(google.api.field_behavior) = OUTPUT_ONLY"
_USER = '(kith.v1.reference) = "identity.user"'


@dataclass(frozen=True)
class NounShape:
    """What tells one noun's standard text from another's."""

    service: str
    title: str  # CaseMessage
    plural: str  # case_messages
    zh: str
    en: str
    owned: bool = True
    journal: bool = False
    custom_fields: bool = False
    external_ids: bool = False
    secret: bool = False  # its creation answers a secret, told once
    methods: tuple[str, ...] = METHODS

    @property
    def name(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.title).lower()

    @property
    def plural_title(self) -> str:
        return "".join(word.capitalize() for word in self.plural.split("_"))

    @property
    def url(self) -> str:
        return f"/v1/{self.plural_title[0].lower()}{self.plural_title[1:]}"

    @property
    def one(self) -> str:
        """Within an English sentence: `case message`, but `API key`."""
        return self.en if self.en[:2].isupper() else self.en[0].lower() + self.en[1:]

    @property
    def many(self) -> str:
        return " ".join([*self.one.split()[:-1], self.plural.rpartition("_")[2]])


def line(declaration: str, *options: str, indent: str = "  ") -> str:
    """A field with its options, in one line where they fit and one an option where they do not."""
    if not options:
        return f"{indent}{declaration};\n"
    short = f"{indent}{declaration} [{', '.join(options)}];\n"
    if len(short) <= WIDTH + 1:
        return short
    return f"{indent}{declaration} [\n" + ",\n".join(f"{indent}  {one}" for one in options) + f"\n{indent}];\n"


def label(kind: str, zh: str, en: str) -> str:
    return f'(kith.v1.{kind}_label) = {{zh: "{zh}", en: "{en}"}}'


def rpc(name: str, reply: str, http: str, access: str, zh: str, en: str, *, secret: bool = False) -> str:
    return (
        f"  rpc {name}({name}Request) returns ({reply}) {{\n"
        f"    option (google.api.http) = {{{http}}};\n"
        f"    option (kith.v1.access) = {{{access}}};\n"
        f"    option {label('method', zh, en)};\n"
        + ("    option (kith.v1.no_replay) = true;\n" if secret else "")
        + "  }\n"
    )


def standard_fields(noun: NounShape) -> str:
    """The fields with numbers below 20: none is a noun's own."""
    moment, text = "google.protobuf.Timestamp", []

    def field(comment: str, declaration: str, zh: str, en: str, *options: str, when: bool = True) -> None:
        if when:
            text.append(f"  // {comment}\n" + line(declaration, *options, label("field", zh, en)))

    kept = not noun.journal
    owner = "The user who answers for it. Empty on creation means the caller, anybody else needs `assign`;"
    later = f"afterwards only Transfer{noun.title}." if "Transfer" in noun.methods else "fixed afterwards."
    field("UUIDv7, made by the server unless the creation names one.", "string id = 1", "编号", "ID", _OUT)
    field(
        "Changes with every write. Sent back with a change, a stale one is ABORTED; empty changes unconditionally.",
        *("string etag = 2", "版本", "Version"),
        when=kept,
    )
    field("When it was made.", f"{moment} create_time = 3", "创建时间", "Created", _OUT, "(kith.v1.sortable) = true")
    field("When it was last changed.", f"{moment} update_time = 4", "更新时间", "Updated", _OUT, when=kept)
    field(
        "When it was deleted; not set on the living.",
        f"{moment} delete_time = 5",
        "删除时间",
        "Deleted",
        _OUT,
        when=kept,
    )
    field(
        "When a deleted one is gone for good: 30 days later.",
        *(f"{moment} purge_time = 6", "清除时间", "Gone for good", _OUT),
        when=kept,
    )
    field("Who made it.", "string creator_id = 7", "创建人", "Created by", _OUT, _USER)
    field("Who last changed it.", "string updater_id = 8", "更新人", "Updated by", _OUT, _USER, when=kept)
    field(
        f"{owner}\n  // {later}",
        *("string owner_id = 9", "负责人", "Owner", "(google.api.field_behavior) = IMMUTABLE", _USER),
        when=noun.owned,
    )
    field(
        "The owner's team at the time it became theirs.",
        *("string team_id = 10", "团队", "Team", _OUT, '(kith.v1.reference) = "identity.team"'),
        when=noun.owned,
    )
    field("Marks that programs leave on it.", "map<string, string> labels = 11", "标记", "Labels", when=kept)
    field(
        "What it is called in other systems.",
        *("repeated kith.v1.ExternalId external_ids = 12", "外部编号", "External IDs"),
        when=noun.external_ids,
    )
    field(
        "The tenant's own fields, by their codes.",
        *("google.protobuf.Struct custom_fields = 13", "自定义字段", "Custom fields"),
        when=noun.custom_fields,
    )
    return "".join(text)


def resource_option(noun: NounShape) -> str:
    marks = {"journal": noun.journal, "custom_fields": noun.custom_fields}
    return (
        f'  option (kith.v1.resource) = {{\n    plural: "{noun.plural}"\n'
        f"    ownership: {'OWNED' if noun.owned else 'TENANT_WIDE'}\n"
        + "".join(f"    {mark}: true\n" for mark, said in marks.items() if said)
        + f'    label: {{zh: "{noun.zh}", en: "{noun.en}"}}\n  }};\n'
    )


def standard_rpcs(noun: NounShape) -> str:
    title, titles, one, many, url = noun.title, noun.plural_title, noun.one, noun.many, noun.url
    begins, ends = _gap(noun.zh[:1]) + noun.zh, noun.zh + _gap(noun.zh[-1:])
    gone = f"NOT_FOUND for {'one'} that is absent, deleted or not for the caller to see"
    stale = "ABORTED with reason STALE_ETAG"
    wide = "INVALID_ARGUMENT for a filter, order or page token that does not fit; reason FILTER_TOO_BROAD"
    once = "A repeated `request_id` is refused." if noun.secret else "Idempotent by `request_id`."
    known: dict[str, tuple[str, str, str, str, str, str, str]] = {
        # method: rpc, reply, http, verb of the permission, zh, en, comment
        "Get": (
            *(f"Get{title}", title, f'get: "{url}/{{id}}"', "read", f"查看{begins}", f"View {one}"),
            f"Answers one {one}, also a deleted one; as it stood at `read_time` where that is given.\n"
            "Errors: NOT_FOUND for one that is absent, or not for the caller to see.",
        ),
        "BatchGet": (
            *(f"BatchGet{titles}", f"BatchGet{titles}Response", f'get: "{url}:batchGet"'),
            *("read", f"批量查看{begins}", f"View several {many}"),
            f"Answers those of the named {many} that the caller may see, in the order asked; the others are missing.",
        ),
        "List": (
            *(f"List{titles}", f"List{titles}Response", f'get: "{url}"', "read", f"{ends}列表", f"List {many}"),
            f"Answers a page of the {many} that match a filter and that the caller may see.\nErrors: {wide}.",
        ),
        "Aggregate": (
            *(f"Aggregate{titles}", f"Aggregate{titles}Response", f'get: "{url}:aggregate"'),
            *("read", f"统计{begins}", f"Summarise {many}"),
            f"Groups the {many} that match a filter and that the caller may see, and measures each group.\n"
            f"Errors: {wide.replace('order or page token', 'group or measure')}.",
        ),
        "Create": (
            *(
                f"Create{title}",
                f"Create{title}Response" if noun.secret else title,
                f'post: "{url}", body: "{noun.name}"',
            ),
            *("create", f"新建{begins}", f"Create {one}"),
            f"Makes a new {one}. Publishes `created`. {once}\n"
            "Errors: INVALID_ARGUMENT naming each field that breaks a rule or points at nothing;\n"
            "ALREADY_EXISTS for an id, or a value that must be unique, that is taken.",
        ),
        "Update": (
            *(f"Update{title}", title, f'patch: "{url}/{{{noun.name}.id}}", body: "{noun.name}"'),
            *("update", f"编辑{begins}", f"Edit {one}"),
            f"Changes the named fields. Publishes `updated`, and nothing where nothing changed.\n"
            f"Errors: {gone};\nINVALID_ARGUMENT naming each wrong field; ALREADY_EXISTS; {stale}.",
        ),
        "Delete": (
            *(f"Delete{title}", title, f'delete: "{url}/{{id}}"', "delete", f"删除{begins}", f"Delete {one}"),
            f"Puts it away; after 30 days it is gone for good. Publishes `deleted`.\nErrors: {gone};\n{stale}.",
        ),
        "Undelete": (
            *(f"Undelete{title}", title, f'post: "{url}/{{id}}:undelete", body: "*"'),
            *("delete", f"恢复{begins}", f"Restore {one}"),
            "Brings a deleted one back. Publishes `undeleted`.\n"
            "Errors: NOT_FOUND for one that is gone for good or not for the caller to see; ALREADY_EXISTS for one\n"
            f"that is not deleted, or of which a value that must be unique was taken meanwhile; {stale}.",
        ),
        "Transfer": (
            *(f"Transfer{title}", title, f'post: "{url}/{{id}}:transfer", body: "*"'),
            *("transfer", f"转移{begins}", f"Transfer {one}"),
            f"Gives it to another owner and their team. Publishes `transferred`.\nErrors: {gone};\n"
            f"INVALID_ARGUMENT for an owner or team that is not there; {stale}.",
        ),
        "Share": (
            *(f"Share{title}", title, f'post: "{url}/{{id}}:share", body: "*"'),
            *("share", f"共享{begins}", f"Share {one}"),
            "Shows it to a user or a team, to read or to change, for a time or for good; once more to the same one\n"
            "replaces what they had. Publishes `shared`, and nothing where nothing changed.\n"
            f"Errors: {gone};\nINVALID_ARGUMENT for a user or team that is not there, or an end that is past; {stale}.",
        ),
        "Unshare": (
            *(f"Unshare{title}", title, f'post: "{url}/{{id}}:unshare", body: "*"'),
            *("share", f"取消共享{begins}", f"Stop sharing {one}"),
            f"Takes back what a user or a team was given of it, at once. Publishes `unshared`.\nErrors: {gone};\n"
            f"FAILED_PRECONDITION with reason NOT_SHARED; {stale}.",
        ),
        "ListShares": (
            *(f"List{title}Shares", f"List{title}SharesResponse", f'get: "{url}/{{id}}/shares"'),
            *("read", f"{ends}共享情况", f"{noun.en} sharing"),
            "Answers with whom it is shared now.\nErrors: NOT_FOUND for one that is absent, or not for the"
            " caller to see; INVALID_ARGUMENT for a page token\nof another question.",
        ),
        "ListRevisions": (
            *(f"List{title}Revisions", f"List{title}RevisionsResponse", f'get: "{url}/{{id}}/revisions"'),
            *("read", f"{ends}变更记录", f"{noun.en} history"),
            "Answers what happened to it, newest first.\nErrors: NOT_FOUND for one that is absent, or not for the"
            " caller to see; INVALID_ARGUMENT for a page token\nof another question.",
        ),
    }
    text = ""
    for method in METHODS:
        if method in noun.methods:
            name, reply, http, verb, zh, en, comment = known[method]
            text += "".join(f"  // {words}\n" for words in comment.split("\n"))
            permission = f'permission: "{noun.service}.{noun.name}.{verb}"'
            text += rpc(name, reply, http, permission, zh, en, secret=noun.secret and method == "Create")
    return text


def _gap(letter: str) -> str:
    """Chinese text and Latin letters stand apart."""
    return " " if letter and letter.isascii() else ""
