"""The table of contents of the service desk."""

from chassis.service import Service
from service_desk.case import number, onboarding
from service_desk.case.assign import assign_case
from service_desk.case.cancel import cancel_case
from service_desk.case.case import CASE_MESSAGES, CASES
from service_desk.case.close import close_case
from service_desk.case.create import create_case
from service_desk.case.hand_over import hand_over_cases
from service_desk.case.reopen import reopen_case
from service_desk.case.reply import reply_to_case
from service_desk.case.resolve import resolve_case
from service_desk.case.update import update_case
from service_desk.consumers.identity import HEARD_FROM_IDENTITY
from service_desk.consumers.sales import HEARD_FROM_SALES
from service_desk.queue.delete import delete_queue
from service_desk.queue.queue import QUEUES

SERVICE = Service(
    "service_desk",
    nouns=[QUEUES, CASES, CASE_MESSAGES],
    verbs=[
        delete_queue,
        create_case,
        update_case,
        assign_case,
        reply_to_case,
        resolve_case,
        reopen_case,
        close_case,
        cancel_case,
    ],
    consumers=[*HEARD_FROM_SALES, *HEARD_FROM_IDENTITY],
    jobs=[hand_over_cases],
    tables=[number.METADATA, onboarding.METADATA],
)
