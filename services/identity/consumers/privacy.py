"""What identity does when services answer that they have erased a person."""

from chassis.events.subscription import on
from identity.privacy_request.asking import EVERYBODY, hear_answer

HEARD_FROM_ERASERS = [on(f"{service}.privacy.answered", hear_answer) for service in sorted(EVERYBODY)]
