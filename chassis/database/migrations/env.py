"""What Alembic runs around the revisions of every service; `chassis.database.migrate` gives it a connection."""

from alembic import context

connection = context.config.attributes.get("connection")
context.configure(connection=connection, dialect_name="postgresql", transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
