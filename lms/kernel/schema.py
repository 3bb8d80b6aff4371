"""The schema's history: bring a database up to date, or write the next step of the history."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from lms.kernel.db import Database

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration that is still to come, in one transaction where the database can."""
    with database.engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back down to this revision; `base` takes all of them."""
    with database.engine.begin() as connection:
        if database.is_sqlite:  # tables that point at each other: what counts is that nothing dangles at the end
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        command.downgrade(_config(connection), revision)


def write_revision(database: Database, message: str) -> None:
    """Write a migration file for what the models say and the database does not have."""
    with database.engine.begin() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
