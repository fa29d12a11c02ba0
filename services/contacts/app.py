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
from contacts.import_job import store
from contacts.import_job.analyse import analyse_import
from contacts.import_job.append_content import append_import_content
from contacts.import_job.cancel import cancel_import
from contacts.import_job.create import create_import_job
from contacts.import_job.import_job import IMPORT_JOBS
from contacts.import_job.list_errors import list_import_errors
from contacts.import_job.pause import pause_import
from contacts.import_job.resume import resume_import
from contacts.import_job.run import run_import
from contacts.import_job.start import start_import
from contacts.import_job.update import update_import_job
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
    nouns=[TAGS, ACCOUNTS, CONTACTS, NOTES, TASKS, INTERACTIONS, SAVED_VIEWS, IMPORT_JOBS],
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
        create_import_job,
        append_import_content,
        analyse_import,
        update_import_job,
        start_import,
        pause_import,
        resume_import,
        cancel_import,
        list_import_errors,
    ],
    consumers=[*HEARD_FROM_IDENTITY, *HEARD_FROM_SALES, *HEARD_FROM_SERVICE_DESK, *HEARD_FROM_MARKETING],
    jobs=[hand_over, take_off, run_import],
    tables=[purchases.METADATA, names.METADATA, store.METADATA],
)
