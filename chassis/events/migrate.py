"""`python -m chassis.events.migrate`: brings the database of the event log to its newest revision."""

import asyncio
import sys

from chassis.config import MigrationSettings, load_or_exit
from chassis.database.migrate import migrations_of_events, upgrade

if __name__ == "__main__":
    settings = load_or_exit(MigrationSettings, "events")
    changed = asyncio.run(upgrade(migrations_of_events(), settings.owner_database_url))
    sys.stdout.write(f"events: {'migrated' if changed else 'nothing to migrate'}\n")
