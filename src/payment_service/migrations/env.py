"""How Alembic runs the migrations: on the connection that it was handed."""

from alembic import context

from payment_service.migrations.tables import metadata, render_type

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=render_type,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
