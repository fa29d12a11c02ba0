"""The sample's leads in every state, and its opportunities in every stage."""

from collections.abc import Iterator, Sequence
from random import Random

from cli.sample import words
from cli.sample.book import Book, day, is_chinese, money
from cli.sample.customers import companies, person
from cli.sample.records import Noun, Record, step

LEADS, OPPORTUNITIES = Noun("Leads", "Lead", "lead"), Noun("Opportunities", "Opportunity", "opportunity")
LEADS_OF_A_REP, OPPORTUNITIES_OF_A_REP = 16, 18
LEAD_WAYS = (  # how often, and what becomes of a lead
    (30, ()),
    (25, ("work",)),
    (15, ("work", "qualify")),
    (10, ("work", "disqualify")),
    (4, ("work", "disqualify", "recycle")),
    (16, ("work", "qualify", "convert")),
)
NO_NEED = ("暂无预算", "已选择竞争对手", "联系不上", "No budget this year", "规模不符")
LOST = ("价格", "选择了竞争对手", "项目取消", "Lost on price", "没有决策")
NEXT = ("安排演示", "寄送报价", "拜访采购总监", "Send the revised offer", "确认合同条款")


def leads(book: Book) -> Iterator[Record]:
    random, city = book.random("leads"), book.rep.city
    for at, company in enumerate(
        companies(random, city, LEADS_OF_A_REP, {one.display_name for one in book.accounts.values()})
    ):
        somebody = person(random, abroad=company.abroad)
        ways, often = [way for _, way in LEAD_WAYS], [often for often, _ in LEAD_WAYS]
        lead = {
            "display_name": somebody.name,
            "company": company.name,
            "position": somebody.position,
            "phones": [{"number": somebody.phone, "label": "mobile"}],
            "emails": [{"address": f"{somebody.mailbox}@{company.domain}", "label": "work"}],
            "address": company.place,
            "source": company.source,
            "region": book.rep.region.name,
            "rating": random.choice(("HOT", "WARM", "WARM", "COLD")),
            "description": f"咨询{random.choice(words.PRODUCTS)}",
        }
        steps = [_lead_step(random, one) for one in random.choices(ways, often)[0]]
        yield Record(f"lead {at} of {book.rep.worker.key}", book.rep.email, LEADS, lead, steps)


def opportunities(book: Book, pipeline_id: str, stages: Sequence[str]) -> Iterator[Record]:
    """`stages` are the open ones, in order."""
    random = book.random("opportunities")
    for at in range(OPPORTUNITIES_OF_A_REP):
        contact = random.choice(book.contacts)
        account = book.account_of(contact)
        product = random.choice(words.PRODUCTS if is_chinese(account.display_name) else words.ENGLISH_PRODUCTS)
        opportunity = {
            "display_name": f"{account.display_name} {product}"[:200],
            "account_id": account.id,
            "contact_id": contact.id,
            "pipeline_id": pipeline_id,
            "stage_id": stages[0],
            "type": random.choices(("NEW_BUSINESS", "UPSELL", "RENEWAL"), (60, 25, 15))[0],
            "amount": money(random, 8_000, 3_000_000),
            "close_date": day(random.randint(5, 120)),
            "source": account.source,
            "region": book.rep.region.name,
            "next_step": random.choice(NEXT),
        }
        ending = random.choices(("", "win", "lose"), (52, 28, 20))[0]
        reached = len(stages) if ending == "win" else random.randint(1, len(stages))
        steps = [step("MoveStage", stage_id=stage) for stage in stages[1:reached]]
        if ending == "win":
            steps.append(step("WinOpportunity"))
        elif ending == "lose":
            steps.append(step("LoseOpportunity", reason=random.choice(LOST)))
        yield Record(f"opportunity {at} of {book.rep.worker.key}", book.rep.email, OPPORTUNITIES, opportunity, steps)


def _lead_step(random: Random, verb: str) -> tuple[str, dict[str, object], str]:
    more: dict[str, object] = {}
    if verb == "disqualify":
        more = {"reason": random.choice(NO_NEED)}
    elif verb == "convert":
        more = {"amount": money(random, 10_000, 800_000), "close_date": day(random.randint(10, 90))}
    return f"{verb.title()}Lead", more, ""
