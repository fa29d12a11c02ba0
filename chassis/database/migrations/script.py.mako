"""${message}.

Additive first: new code runs on the old schema and old code on the new. Lock short, index concurrently, backfill in
batches, drop in a later release.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "op.execute(\"…\")"}


def downgrade() -> None:
    ${downgrades if downgrades else "op.execute(\"…\")"}
