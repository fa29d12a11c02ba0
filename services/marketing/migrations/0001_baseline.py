"""The tables as they were declared first; frozen in 0001_baseline.sql."""

from pathlib import Path

from chassis.database.migrate import drop_everything, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql((Path(__file__).parent / "0001_baseline.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    drop_everything()
