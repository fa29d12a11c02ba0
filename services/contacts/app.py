"""The table of contents of contacts."""

from chassis.resource.handover import hand_over
from chassis.service import Service
from contacts.account import purchases
from contacts.account.account import ACCOUNTS
from contacts.account.create import create_account
from contacts.account.update import update_account
from contacts.consumers.identity import HEARD_FROM_IDENTITY
from contacts.consumers.marketing import HEARD_FROM_MARKETING
from contacts.consumers.sales import HEARD_FROM_SALES
from contacts.consumers.service_desk import HEARD_FROM_SERVICE_DESK
from contacts.contact.contact import CONTACTS
from contacts.contact.update import update_contact
from contacts.interaction import names
from contacts.interaction.interaction import INTERACTIONS
from contacts.interaction.log import log_interaction
from contacts.note.note import NOTES
from contacts.saved_view.saved_view import SAVED_VIEWS
from contacts.tag.delete import delete_tag, take_off
from contacts.tag.tag import TAGS
from contacts.task.cancel import cancel_task
from contacts.task.complete import complete_task
from contacts.task.reopen import reopen_task
from contacts.task.start import start_task
from contacts.task.task import TASKS

SERVICE = Service(
    "contacts",
    nouns=[TAGS, ACCOUNTS, CONTACTS, NOTES, TASKS, INTERACTIONS, SAVED_VIEWS],
    verbs=[
        delete_tag,
        create_account,
        update_account,
        update_contact,
        start_task,
        complete_task,
        cancel_task,
        reopen_task,
        log_interaction,
    ],
    consumers=[*HEARD_FROM_IDENTITY, *HEARD_FROM_SALES, *HEARD_FROM_SERVICE_DESK, *HEARD_FROM_MARKETING],
    jobs=[hand_over, take_off],
    tables=[purchases.METADATA, names.METADATA],
)
