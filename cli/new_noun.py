"""`kith new noun`: writes the contract of a new noun, with everything that is standard, for its own to be added."""

import re
from collections.abc import Mapping
from pathlib import Path

from cli.noun_messages import event, standard_messages
from cli.noun_template import METHODS, OF_OWNED, NounShape, label, line, resource_option, standard_fields, standard_rpcs

SERVICES = ("identity", "contacts", "sales", "service_desk", "marketing")
PROTOS = Path(__file__).parents[1] / "protos"

# What stands in the text -> what has to be imported for it.
_IMPORTS = {
    r"\(buf\.validate\.": "buf/validate/validate.proto",
    r"\(google\.api\.http\)": "google/api/annotations.proto",
    r"\(google\.api\.field_behavior\)": "google/api/field_behavior.proto",
    r"google\.protobuf\.Duration": "google/protobuf/duration.proto",
    r"google\.protobuf\.FieldMask": "google/protobuf/field_mask.proto",
    r"google\.protobuf\.Struct": "google/protobuf/struct.proto",
    r"google\.protobuf\.Timestamp": "google/protobuf/timestamp.proto",
    r"google\.type\.Date": "google/type/date.proto",
    r"kith\.v1\.Aggregate": "kith/v1/aggregate.proto",
    r"kith\.v1\.Money": "kith/v1/money.proto",
    r"kith\.v1\.Progress": "kith/v1/operation.proto",
    r"\(kith\.v1\.": "kith/v1/options.proto",
    r"kith\.v1\.Share": "kith/v1/share.proto",
    r"kith\.v1\.(EmailAddress|PhoneNumber|PostalAddress|ExternalId)": "kith/v1/values.proto",
}
_DISPLAY_NAME = "  // What it is called; up to 200 characters.\n" + line(
    "string display_name = 20",
    "(google.api.field_behavior) = REQUIRED",
    "(kith.v1.sortable) = true",
    "(kith.v1.searchable) = true",
    "(buf.validate.field).string = {min_len: 1, max_len: 200}",
    label("field", "名称", "Name"),
)


def new_noun(
    service: str,
    title: str,
    plural: str,
    *,
    zh: str,
    en: str,
    owned: bool = True,
    journal: bool = False,
    custom_fields: bool = False,
    external_ids: bool = False,
    methods: tuple[str, ...] = (),
    protos: Path = PROTOS,
) -> Path:
    """Write `protos/kith/<service>/v1/<noun>.proto` and return its path.

    `title` is TitleCase, `plural` snake_case; no `methods` means all that suit the noun. Raises ValueError for a name
    out of form, or a label without words of its language, and FileExistsError rather than replace a contract.
    """
    fits = ("Get", "BatchGet", "List", "Aggregate") if journal else METHODS
    noun = NounShape(
        *(service, title, plural, zh, en, owned, journal, custom_fields, external_ids),
        methods=methods or tuple(method for method in fits if owned or method not in OF_OWNED),
    )
    _refuse_malformed(noun)
    file = protos / "kith" / service / "v1" / f"{noun.name}.proto"
    if file.exists():
        raise FileExistsError(f"{file} is there already")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(contract_of(noun), encoding="utf-8")
    return file


def contract_of(
    noun: NounShape,
    *,
    about: str = "",
    model: str = "",
    types: str = "",
    fields: str = _DISPLAY_NAME,
    rpcs: str = "",
    messages: str = "",
    details: str = "",
    imports: tuple[str, ...] = (),
    requests: Mapping[str, str] | None = None,
) -> str:
    """The whole file; what is the noun's own comes in as text and stands where a reader looks for it."""
    body = (
        f"// {about or f'One {noun.one}.'}\nmessage {noun.title} {{\n{resource_option(noun)}\n"
        + (f"{types}\n" if types else "")
        + f"{standard_fields(noun)}{fields}}}\n\n"
        + "".join(f"// {words}\n" for words in (model or f"The {noun.many} of a tenant.").split("\n"))
        + f"service {noun.plural_title} {{\n{standard_rpcs(noun)}{rpcs}}}\n"
        + messages
        + standard_messages(noun, requests)
        + ("" if noun.journal else event(noun, details))
    )
    needed = {file for sign, file in _IMPORTS.items() if re.search(sign, body)} | set(imports)
    return (
        f'// The contract of {noun.many}.\nsyntax = "proto3";\n\npackage kith.{noun.service}.v1;\n\n'
        + "".join(f'import "{file}";\n' for file in sorted(needed))
        + f"\n{body}"
    )


def _refuse_malformed(noun: NounShape) -> None:
    if noun.service not in SERVICES:
        raise ValueError(f"service {noun.service!r}: one of {', '.join(SERVICES)}")
    if not re.fullmatch(r"([A-Z][a-z]+)+", noun.title):
        raise ValueError(f"noun {noun.title!r}: words in TitleCase, as in CaseMessage")
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", noun.plural) or noun.plural == noun.name:
        raise ValueError(f"plural {noun.plural!r}: words in snake_case, as in case_messages")
    if not re.search(r"[\u4e00-\u9fff]", noun.zh):
        raise ValueError(f"zh label {noun.zh!r}: holds no Chinese")
    if not re.fullmatch(r"[A-Za-z][ -~]*", noun.en):
        raise ValueError(f"en label {noun.en!r}: English in ASCII")
    if unknown := set(noun.methods) - set(METHODS):
        raise ValueError(f"methods {', '.join(sorted(unknown))}: only {', '.join(METHODS)}")
