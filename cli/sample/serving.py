"""The sample's service desk: a queue for each kind of customer, and cases that were opened, answered, resolved."""

from collections.abc import Iterator, Sequence
from random import Random

from cli.sample.book import Book, is_chinese
from cli.sample.door import ADMIN
from cli.sample.organisation import Worker
from cli.sample.records import Noun, Record

QUEUES, CASES = Noun("Queues", "Queue", "queue"), Noun("Cases", "Case", "case")
CASES_OF_A_BOOK = 8
WAYS = (  # how often, and what becomes of a case; "us" answers, "them" writes
    (18, ()),
    (20, ("assign", "us")),
    (14, ("assign", "us", "wait")),
    (14, ("assign", "us", "them", "us", "resolve")),
    (16, ("assign", "us", "resolve", "close")),
    (8, ("assign", "us", "resolve", "reopen")),
    (10, ("assign", "note")),
    (6, ("cancel",)),
)
ABOUT = (  # what it is about, of which type, and how it is resolved
    ("设备开机报错 E102", "Controller shows error E102", "INCIDENT", "更换了控制板 / Board replaced"),
    ("发票抬头需要修改", "Invoice shows the wrong name", "REQUEST", "已重开发票 / Invoice reissued"),
    ("到货数量不符", "Two units are missing", "COMPLAINT", "已补发 / Missing units sent"),
    ("如何导出月度报表", "How do I export the monthly report?", "QUESTION", "已发送操作说明 / Guide sent"),
    ("申请退货", "Request for a refund", "REFUND", "已退款 / Refunded"),
    ("希望支持英文界面", "Please offer the manual in German", "FEEDBACK", "已转产品部 / Passed to product"),
)
OURS = ("您好，已收到，我们正在处理。", "请问设备序列号是多少？", "Thank you, we are looking into it.")
THEIRS = ("谢谢，序列号是 KX-20317。", "问题还在，麻烦尽快。", "It works again, thank you.")


def queues(team_id: str) -> Iterator[Record]:
    for key, name, default in (
        ("queue", "客户服务 Support", True),
        ("queue of onboarding", "新客户启用 Onboarding", False),
    ):
        yield Record(key, ADMIN, QUEUES, {"display_name": name, "serving_team_id": team_id, "default": default})


def cases(book: Book, agents: Sequence[Worker], ids: Sequence[str]) -> Iterator[Record]:
    """`ids` are the agents' in their order."""
    random = book.random("cases")
    for at in range(CASES_OF_A_BOOK):
        contact, taken_by = random.choice(book.contacts), random.randrange(len(agents))
        zh, en, kind, resolution = random.choice(ABOUT)
        case = {
            "display_name": zh if is_chinese(contact.display_name) else en,
            "account_id": contact.account_id,
            "contact_id": contact.id,
            "type": kind,
            "priority": random.choices(("LOW", "NORMAL", "HIGH", "URGENT"), (15, 60, 20, 5))[0],
            "channel": random.choice(("EMAIL", "PHONE", "CHAT", "WEB")),
        }
        way = random.choices([way for _, way in WAYS], [often for often, _ in WAYS])[0]
        steps = [_step(random, one, ids[taken_by], resolution) for one in way]
        yield Record(f"case {at} of {book.rep.worker.key}", agents[taken_by].email, CASES, case, steps)


def _step(random: Random, what: str, agent_id: str, resolution: str) -> tuple[str, dict[str, object], str]:
    ours, theirs = random.choice(OURS), random.choice(THEIRS)
    ways: dict[str, tuple[str, dict[str, object]]] = {
        "assign": ("AssignCase", {"owner_id": agent_id}),
        "us": ("ReplyToCase", {"body": ours}),
        "wait": ("ReplyToCase", {"body": ours, "wait_for_customer": True}),
        "them": ("ReplyToCase", {"body": theirs, "direction": "INBOUND"}),
        "note": ("ReplyToCase", {"body": "已电话确认，等备件。", "kind": "INTERNAL_NOTE"}),
        "resolve": ("ResolveCase", {"resolution": resolution}),
        "close": ("CloseCase", {}),
        "reopen": ("ReopenCase", {"reason": "问题再次出现"}),
        "cancel": ("CancelCase", {"reason": "重复提交"}),
    }
    rpc, fields = ways[what]
    return rpc, fields, ""
