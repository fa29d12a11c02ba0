"""What holds for every noun of the contract: each rule names whatever breaks it."""

import re
from collections.abc import Callable, Iterator

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, MethodDescriptorProto

from buf.validate import validate_pb2
from cli.noun_template import OF_OWNED, NounShape
from kith.v1 import options_pb2
from tests.architecture.contract import OUTPUT_ONLY, Contract, Method, behaves, rpc_name, uncommented

Rule = Callable[[Contract], Iterator[str]]
OWN_FIELDS, OWN_REQUEST_FIELDS = range(20, 1 << 29), range(10, 1 << 29)  # the numbers that are a noun's own
OWN_DETAILS = range(7, 8)


def standard_methods(contract: Contract) -> Iterator[str]:
    """Name, messages, route, permission and label are the template's."""
    ours = {method.name: method.proto for method in contract.methods}
    for method in contract.standard.methods:
        if ours.get(method.name) != method.proto:
            yield method.name
    for name, noun in contract.nouns.items():
        if "Get" not in noun.methods:
            yield f"{name} has no {rpc_name(noun, 'Get')} in service {noun.plural_title}"
        if "Transfer" in noun.methods:
            yield from (f"{name} has no {rpc_name(noun, one)}" for one in sorted(OF_OWNED - {*noun.methods}))


def standard_fields(contract: Contract) -> Iterator[str]:
    """Numbers below 20 are the template's, all others the noun's own."""
    for name in contract.nouns:
        yield from _differing(contract, name, OWN_FIELDS)


def standard_messages(contract: Contract) -> Iterator[str]:
    """Requests, replies and events are the template's; a noun's own fields in them have higher numbers."""
    for name in contract.standard.messages.keys() - contract.nouns.keys():
        yield from _differing(contract, name, OWN_DETAILS if name.endswith("Event") else OWN_REQUEST_FIELDS)


def _differing(contract: Contract, name: str, own: range) -> Iterator[str]:
    def known(message: DescriptorProto | None) -> dict[int, FieldDescriptorProto]:
        return {field.number: field for field in (message.field if message else ()) if field.number not in own}

    ours, standard = known(contract.messages.get(name)), known(contract.standard.messages[name])
    for number in ours.keys() | standard.keys():
        if _bare(ours.get(number)) != _bare(standard.get(number)):
            yield f"{name}, field {number}"


def _bare(field: FieldDescriptorProto | None) -> FieldDescriptorProto | None:
    """Without its place among the oneofs, which other fields shift."""
    if field:
        field = FieldDescriptorProto.FromString(field.SerializeToString())
        field.ClearField("oneof_index")
    return field


def labels(contract: Contract) -> Iterator[str]:
    """Nouns, their fields and values, what verbs ask for, routed rpcs and reasons are called something in zh and en."""
    for name, noun in contract.nouns.items():
        yield from _unlabelled(name, noun)
    for name, message in contract.shown.items():
        for field in message.field:
            yield from _unlabelled(f"{name}.{field.name}", field.options.Extensions[options_pb2.field_label])
    for method in contract.methods:
        if not method.http.WhichOneof("pattern"):
            continue
        yield from _unlabelled(method.name, method.proto.options.Extensions[options_pb2.method_label])
        by_people = not method.http.get and ".platform." not in method.access.permission
        if by_people and not _is_standard(contract, method):
            for field in contract.own_fields(method):
                if field.type_name.lstrip(".") not in contract.nouns:
                    name = f"{method.proto.input_type}.{field.name}".lstrip(".")
                    yield from _unlabelled(name, field.options.Extensions[options_pb2.field_label])
    used = {field.type_name.lstrip(".") for message in contract.shown.values() for field in message.field}
    for name, enum in contract.enums.items():
        if name in used or enum.name == "Reason":
            for value in enum.value:
                if value.number or not value.name.endswith("_UNSPECIFIED"):
                    yield from _unlabelled(f"{name}.{value.name}", value.options.Extensions[options_pb2.value_label])


def _unlabelled(name: str, label: NounShape | options_pb2.Label) -> Iterator[str]:
    zh, en = label.zh, label.en
    if not re.search(r"[\u4e00-\u9fff]", zh) or zh == en:
        yield f"{name}: zh {zh!r}"
    if not re.fullmatch(r"[A-Za-z][ -~]*", en):
        yield f"{name}: en {en!r}"


def comments(contract: Contract) -> Iterator[str]:
    """Everything says what it is."""
    for file in contract.files:
        yield from uncommented(file)


def permissions(contract: Contract) -> Iterator[str]:
    """Every rpc says what it needs; a verb's permission, its route's verb and its name are the same word."""
    nouns = {f"{noun.service}.{noun.plural_title}": noun for noun in contract.nouns.values()}
    for method in contract.methods:
        need, service = method.access.WhichOneof("need"), method.file.package.split(".")[1]
        if not need or (need == "public" and not method.access.public):
            yield f"{method.name}: no access"
        noun = nouns.get(f"{service}.{method.service.name}")
        if need != "permission" or _is_standard(contract, method):
            continue
        if not noun or method.access.permission.startswith(f"{service}.platform."):
            verb = method.access.permission.removeprefix(f"{service}.platform.")
            if not re.fullmatch(r"[a-z_]+", verb):
                yield f"{method.name}: {method.access.permission}"
            continue
        verb = verb_of(method.proto, noun.title)
        if method.access.permission != f"{service}.{noun.name}.{'read' if method.http.get else verb}":
            yield f"{method.name}: {method.access.permission}"
        first, *more = verb.split("_")
        camel = first + "".join(word.capitalize() for word in more)
        if method.http.post and not method.http.post.endswith(f":{camel}"):
            yield f"{method.name}: {method.http.post}"


def verb_of(method: MethodDescriptorProto, noun: str) -> str:
    """`ReplyToCase` of a case is `reply`: its own words and a preposition left hanging go."""
    own = re.findall(r"[A-Z][a-z]*", noun)
    words = [word.lower() for word in re.findall(r"[A-Z][a-z]*", method.name) if word not in own]
    return "_".join(words[:-1] if words[-1] in {"to", "from", "with"} else words)


def states(contract: Contract) -> Iterator[str]:
    """A lifecycle is the field `state` of the nested enum `State`, and only verbs move it."""
    for name in contract.nouns:
        for field in contract.messages[name].field:
            is_state = field.type_name == f".{name}.State"
            if (field.name == "state") != is_state or (is_state and not behaves(field, OUTPUT_ONLY)):
                yield f"{name}.{field.name}"
            if "status" in field.name or field.type_name.endswith("Status"):
                yield f"{name}.{field.name}: contract.md says state"


def routes(contract: Contract) -> Iterator[str]:
    """No two rpcs of the suite answer one route."""
    seen: dict[tuple[str, str], str] = {}
    for method in contract.methods:
        verb, path = method.route
        if verb:
            route = verb, re.sub(r"\{[^}]*\}", "{}", path)
            if route in seen:
                yield f"{method.name} and {seen[route]}: {verb} {path}"
            seen[route] = method.name


ROOM = "the gateway's own rooms below /v1/session ask it"
SERVICES_ONLY = "for services with a key of their own, never from outside"
NO_ROUTE = {
    "kith.identity.v1.Authentication.SignIn": ROOM,
    "kith.identity.v1.Authentication.RefreshToken": ROOM,
    "kith.identity.v1.Authentication.ResumeSession": ROOM,
    "kith.identity.v1.Authentication.SignOut": ROOM,
    "kith.identity.v1.SingleSignOn.StartSso": ROOM,
    "kith.identity.v1.SingleSignOn.LinkIdentity": ROOM,
    "kith.identity.v1.SingleSignOn.CompleteSso": ROOM,
    "kith.identity.v1.Accounts.AcceptInvitation": ROOM,
    "kith.identity.v1.Accounts.RequestPasswordReset": ROOM,
    "kith.identity.v1.Accounts.ResetPassword": ROOM,
    "kith.identity.v1.Accounts.ConfirmEmailChange": ROOM,
    "kith.identity.v1.SecondFactors.ConfirmMfa": ROOM,
    "kith.identity.v1.SecondFactors.VerifyMfa": ROOM,
    "kith.identity.v1.Authentication.GetJwks": "whoever verifies tokens speaks gRPC",
    "kith.identity.v1.Authentication.GetPrincipal": SERVICES_ONLY,
    "kith.identity.v1.Authentication.GetKeyHolder": SERVICES_ONLY,
    "kith.identity.v1.Authentication.GetRoleChange": SERVICES_ONLY,
    "kith.identity.v1.Authentication.ExchangeToken": SERVICES_ONLY,
    "kith.identity.v1.Authentication.RevokeSigningKey": "who runs the suite has the command line, `kith keys`",
    "kith.identity.v1.Tenants.ListAllTenants": "who runs the suite has the command line, `kith tenants`",
    "kith.identity.v1.Tenants.SuspendTenant": "who runs the suite has the command line, `kith tenants`",
    "kith.identity.v1.Tenants.ResumeTenant": "who runs the suite has the command line, `kith tenants`",
    "kith.identity.v1.Authentication.GetDataKeys": SERVICES_ONLY,
    "kith.identity.v1.Sharing.NoteShare": SERVICES_ONLY,
}


def doors(contract: Contract) -> Iterator[str]:
    """Every unary rpc has a route, but for those that say above why not; and those have none."""
    without = {method.name for method in contract.methods if not method.route[0] and not method.proto.server_streaming}
    for name in sorted(without ^ NO_ROUTE.keys()):
        yield f"{name}: {'has no google.api.http' if name in without else 'is excepted, and need not be'}"


OTHERS_IDS = {"external_ids", "client_id"}  # by which others know us, or what is ours


def references(contract: Contract) -> Iterator[str]:
    """What an id points at is a noun there is, and the field is named after an id."""
    nouns = {f"{noun.service}.{noun.name}" for noun in contract.nouns.values()}
    for name, message in contract.messages.items():
        for field in message.field:
            target = field.options.Extensions[options_pb2.reference]
            if target and (target not in nouns or not re.search(r"_ids?$", field.name)):
                yield f"{name}.{field.name}: {target}"
            if (
                name in contract.nouns
                and re.search(r"_ids?$", field.name)
                and not target
                and field.name not in OTHERS_IDS
            ):
                yield f"{name}.{field.name}: points at nothing"


# Between its beginning and its end somebody else is asked, so neither is one transaction; repeated, it asks again.
ASKS_STRANGERS = {"kith.identity.v1.IdentityProviders.TestIdentityProvider"}
# What is asked is too long for a URL; nothing is changed.
ONLY_ASKS = {
    "kith.identity.v1.Roles.PreviewRoleChange",
    "kith.identity.v1.Access.PreviewIdentityAccess",
    "kith.contacts.v1.Access.PreviewContactsAccess",
    "kith.sales.v1.Access.PreviewSalesAccess",
    "kith.service_desk.v1.Access.PreviewServiceDeskAccess",
    "kith.marketing.v1.Access.PreviewMarketingAccess",
}


def changes_are_careful(contract: Contract) -> Iterator[str]:
    """A request that changes something has request_id and validate_only, unless it carries a secret: none is kept."""
    for method in contract.methods:
        if method.route[0] in {"", "get"} or method.access.public or method.name in ASKS_STRANGERS | ONLY_ASKS:
            continue
        fields = {field.name: field for field in contract.messages[method.proto.input_type.lstrip(".")].field}
        secret = any(f.options.Extensions[options_pb2.personal] == options_pb2.SENSITIVE for f in fields.values())
        if not secret and not {"request_id", "validate_only"} <= fields.keys():
            yield method.name
        if "request_id" in fields and _rules(fields["request_id"]).string.max_len != 200:
            yield f"{method.name}: request_id has no limit"


def ids_are_uuids(contract: Contract) -> Iterator[str]:
    """An id in a request is checked at the door."""
    for method in contract.methods:
        name = method.proto.input_type.lstrip(".")
        for field in contract.messages[name].field:
            pointing = field.name == "id" or field.options.Extensions[options_pb2.reference]
            rules = _rules(field).repeated.items if field.name.endswith("_ids") else _rules(field)
            if pointing and not rules.string.uuid:
                yield f"{name}.{field.name}"


def values(contract: Contract) -> Iterator[str]:
    """Moments are called `_time`, days `_date` (a birthday aside), and nothing exact is kept as a fraction."""
    for name in contract.nouns:
        for field in contract.messages[name].field:
            endings = {".google.protobuf.Timestamp": "_time", ".google.type.Date": "_date"}
            ending = endings.get(field.type_name, "")
            if not field.name.endswith(ending) and field.name != "birthday":
                yield f"{name}.{field.name}: {ending}"
            if field.type in (FieldDescriptorProto.TYPE_DOUBLE, FieldDescriptorProto.TYPE_FLOAT):
                yield f"{name}.{field.name}: a fraction"


def reasons(contract: Contract) -> Iterator[str]:
    """A service's reasons are one enum, prefixed, each with an example."""
    for file in contract.files:
        for n, enum in enumerate(file.enum_type):
            if enum.name == "Reason" and file.package != "kith.v1":
                said = {tuple(at.path): at.leading_comments for at in file.source_code_info.location}
                for m, value in enumerate(enum.value):
                    example = value.number == 0 or "Example:" in said.get((5, n, 2, m), "")
                    if not value.name.startswith("REASON_") or not example:
                        yield f"{file.package}.{value.name}"


def _rules(field: FieldDescriptorProto) -> validate_pb2.FieldRules:
    return field.options.Extensions[validate_pb2.field]


def _is_standard(contract: Contract, method: Method) -> bool:
    return any(method.name == one.name for one in contract.standard.methods)


RULES: tuple[Rule, ...] = (
    *(standard_methods, standard_fields, standard_messages, labels, comments, permissions, states),
    *(routes, doors, references, changes_are_careful, ids_are_uuids, values, reasons),
)
