"""Who is answered what, for every RPC: its row, or the rule it falls under; one with neither fails the build (S01)."""

from collections.abc import Mapping
from enum import Enum

from chassis.resource.references import RESOURCES
from chassis.service import Method
from identity.settings import RIGHTS
from tests.security.makers import refers


class Answer(Enum):
    """What a caller is told."""

    YES = "yes"  # let in: done, or refused for what the record is like, never for who asks
    SHOWS = "shows"  # a list, and the rep's record is in it
    EMPTY = "empty"  # a list, and it is not
    ABSENT = "absent"  # NOT_FOUND, to the byte as for an id that never was
    DENIED = "denied"  # PERMISSION_DENIED
    WHO = "who"  # UNAUTHENTICATED
    BAD = "bad"  # INVALID_ARGUMENT: a reference to what is not theirs
    AWAY = "away"  # UNAVAILABLE: let in, and who is asked then does not answer
    SESSION = "session"  # FAILED_PRECONDITION: it takes a session
    ASKED = "asked"  # done, or told to wait after some times, whoever asks
    WRONG = "wrong"  # UNAUTHENTICATED for what the request itself says, whoever asks


PERSONAS = ("rep", "peer", "manager", "admin", "viewer", "key", "stranger", "nobody", "spoofer", "expired", "unknown")
OUTSIDE = "who     who     who     who"
# The record is the rep's, whose team is below the manager's; "key" is the rep's, with scopes for other services only.
RULES = {
    #                          rep     peer    manager admin   viewer  key     stranger, and the four outside
    "platform":              f"denied  denied  denied  denied  denied  denied  denied  {OUTSIDE}",
    "read, owned":           f"yes     absent  yes     yes     yes     denied  absent  {OUTSIDE}",
    "read, tenant-wide":     f"yes     yes     yes     yes     yes     denied  absent  {OUTSIDE}",
    "change, owned":         f"yes     absent  yes     yes     denied  denied  absent  {OUTSIDE}",
    "change, tenant-wide":   f"yes     yes     yes     yes     denied  denied  absent  {OUTSIDE}",
    "list, owned":           f"shows   empty   shows   shows   shows   denied  empty   {OUTSIDE}",
    "list, tenant-wide":     f"shows   shows   shows   shows   shows   denied  empty   {OUTSIDE}",
    "new":                   f"yes     yes     yes     yes     denied  denied  yes     {OUTSIDE}",
    "new, with references":  f"yes     yes     yes     yes     denied  denied  bad     {OUTSIDE}",
    "new, of owned":         f"yes     bad     yes     yes     denied  denied  bad     {OUTSIDE}",
}  # fmt: skip
EXPLAINED = f"yes     absent  yes     yes     yes     denied  absent  {OUTSIDE}"
ROWS = {
    # Their own access, to a record of the rep's.
    **{
        f"{service}.Access.Explain{service.title().replace('_', '')}Access": EXPLAINED
        for service in ("identity", "contacts", "sales", "service_desk", "marketing")
    },
    # By who may change every role; what it would mean is asked of identity, which is away, but in its own house.
    **{
        f"{service}.Access.Preview{service.title().replace('_', '')}Access":
            f"denied  denied  denied  away    denied  denied  away    {OUTSIDE}"
        for service in ("contacts", "sales", "service_desk", "marketing")
    },
    "identity.Access.PreviewIdentityAccess": f"denied  denied  denied  yes     denied  denied  absent  {OUTSIDE}",
    # Whoever is signed in, with whatever rights.
    "identity.Authentication.WhoAmI":        f"yes     yes     yes     yes     yes     yes     yes     {OUTSIDE}",
    "identity.Authentication.SignOut":       f"yes     yes     yes     yes     yes     yes     yes     {OUTSIDE}",
    # One's own takes the current password; this is another's, which takes the right to set it.
    "identity.Users.SetPassword":            f"yes     yes     yes     yes     denied  denied  absent  {OUTSIDE}",
    # A rule shares every record of its noun, which takes the right to share each of them.
    "identity.SharingRules.CreateSharingRule": f"denied denied  denied  yes     denied  denied  bad     {OUTSIDE}",
    "identity.SharingRules.UpdateSharingRule": f"denied denied  denied  yes     denied  denied  absent  {OUTSIDE}",
    # Of one's own, in a session, which these callers have none of.
    "identity.Users.UpdateMyPreferences":    f"session session session session session session session {OUTSIDE}",
    # It is sealed with the key of a tenant, and the stranger's is nowhere here.
    "identity.PrivacyRequests.CreatePrivacyRequest": f"yes yes yes  yes     denied  denied  away    {OUTSIDE}",
    "identity.LegalHolds.PlaceLegalHold":    f"yes     yes     yes     yes     denied  denied  yes     {OUTSIDE}",
    "identity.Users.EndSessions":            f"yes     yes     yes     yes     denied  denied  absent  {OUTSIDE}",
    "identity.Users.InviteUser":             f"yes     yes     yes     yes     denied  denied  yes     {OUTSIDE}",
    # One's own, by the present password, which here is wrong.
    "identity.Accounts.RequestEmailChange":  f"bad     bad     bad     bad     bad     bad     bad     {OUTSIDE}",
    # Of one's own session; these callers have none, as a program has none.
    "identity.SecondFactors.EnrollMfa":      f"session session session session session session session {OUTSIDE}",
    "identity.SecondFactors.ConfirmMfa":     f"session session session session session session session {OUTSIDE}",
    "identity.SecondFactors.VerifyMfa":      f"session session session session session session session {OUTSIDE}",
    "identity.SecondFactors.RegenerateRecoveryCodes":
        f"session session session session session session session {OUTSIDE}",
    "identity.SecondFactors.TurnOffMfa":     f"session session session session session session session {OUTSIDE}",
    # Public: the link is the credential, and here there is none; who asks for one is never told more.
    "identity.Accounts.AcceptInvitation":    " ".join(["bad"] * len(PERSONAS)),
    "identity.Accounts.ResetPassword":       " ".join(["bad"] * len(PERSONAS)),
    "identity.Accounts.ConfirmEmailChange":  " ".join(["bad"] * len(PERSONAS)),
    "identity.Accounts.RequestPasswordReset": " ".join(["asked"] * len(PERSONAS)),
    # Public: what the request says is the credential, and here it is wrong; an expired token or none is all the same.
    "identity.Authentication.SignIn":        " ".join(["wrong"] * len(PERSONAS)),
    "identity.Authentication.RefreshToken":  " ".join(["wrong"] * len(PERSONAS)),
    "identity.Authentication.ResumeSession": " ".join(["wrong"] * len(PERSONAS)),
    "identity.Authentication.GetJwks":       " ".join(["yes"] * len(PERSONAS)),
    "identity.SingleSignOn.CompleteSso":     " ".join(["wrong"] * len(PERSONAS)),
    "identity.SingleSignOn.StartSso":        " ".join(["yes"] * len(PERSONAS)),
    "identity.SingleSignOn.FindIdentityProviders": " ".join(["yes"] * len(PERSONAS)),
    # Its issuer is where nobody goes.
    "identity.IdentityProviders.TestIdentityProvider":
                                             f"away    away    away    away    denied  denied  absent  {OUTSIDE}",
    # To one of the tenant's own providers, whatever one's rights.
    "identity.SingleSignOn.LinkIdentity":    f"yes     yes     yes     yes     yes     yes     absent  {OUTSIDE}",
    # No `*.*.read` reads the trail.
    "identity.AuditEntries.GetAuditEntry":          f"yes    yes    yes    yes    denied denied absent {OUTSIDE}",
    "identity.AuditEntries.BatchGetAuditEntries":   f"shows  shows  shows  shows  denied denied empty  {OUTSIDE}",
    "identity.AuditEntries.ListAuditEntries":       f"shows  shows  shows  shows  denied denied empty  {OUTSIDE}",
    "identity.AuditEntries.AggregateAuditEntries":  f"shows  shows  shows  shows  denied denied empty  {OUTSIDE}",
    "identity.AuditEntries.VerifyAuditChain":       f"yes    yes    yes    yes    denied denied yes    {OUTSIDE}",
    "identity.AuditEntries.ExportAuditEntries":     f"yes    yes    yes    yes    denied denied yes    {OUTSIDE}",
    # It names a contact, whom its writer has to see.
    "contacts.Interactions.LogInteraction":  f"yes     bad     yes     yes     denied  denied  bad     {OUTSIDE}",
    # Asked of a pipeline, which is the tenant's; the opportunities on it are their owners'.
    "sales.Opportunities.ShowBoard":         f"shows   empty   shows   shows   shows   denied  absent  {OUTSIDE}",
    # A sample of the tenant's customers.
    "marketing.Segments.PreviewSegment":     f"shows   shows   shows   shows   shows   denied  empty   {OUTSIDE}",
}  # fmt: skip


def name_of(method: Method) -> str:
    """`sales.Opportunities.MoveStage`."""
    return method.descriptor.full_name.removeprefix("kith.").replace(".v1.", ".")


def answers(method: Method) -> dict[str, Answer]:
    """By persona. Raises AssertionError for an RPC that has no row and falls under no rule."""
    row = ROWS.get(name_of(method)) or RULES[_rule(method)]
    told = dict(zip(PERSONAS, [Answer(word) for word in row.split()], strict=True))
    return told if method.access.permission in RIGHTS["platform"] else told | {"operator": _operator(method, told)}


def _operator(method: Method, told: Mapping[str, Answer]) -> Answer:
    """Whoever runs the suite is a stranger in every tenant and holds nothing there; what anybody is told, they are
    (ID-21)."""
    if method.access.permission:
        return Answer.DENIED
    return told["key"] if told["key"] is Answer.DENIED else told["stranger"]


def noun_of(method: Method) -> str:
    return method.access.permission.rpartition(".")[0]


def _rule(method: Method) -> str:
    needed, name, request = method.access.permission, method.descriptor.name, method.descriptor.input_type
    assert needed, f"{name_of(method)} needs no permission: give it a row"
    noun, _, verb = needed.rpartition(".")
    if noun.endswith(".platform"):
        return "platform"
    resource = RESOURCES.get(noun)
    assert resource, f"{name_of(method)}: {noun} is no noun: give it a row"
    owned = "owned" if resource.noun.owned else "tenant-wide"
    title, plural = resource.noun.title, "".join(map(str.capitalize, resource.noun.options.plural.split("_")))
    if name in (f"BatchGet{plural}", f"List{plural}", f"Aggregate{plural}"):
        return f"list, {owned}"
    if name == f"Create{title}":
        return _of_new(noun)
    changed = request.fields_by_name.get(resource.noun.name)
    assert "id" in request.fields_by_name or (name == f"Update{title}" and changed), f"{name_of(method)}: give it a row"
    return f"read, {owned}" if verb == "read" else f"change, {owned}"


def _of_new(noun: str) -> str:
    kinds = {RESOURCES[target].noun.owned for target in refers(noun)}
    if not kinds:
        return "new"
    return "new, of owned" if True in kinds else "new, with references"
