"""The database of the register: opened, brought to the form of this release, its troubles named.

SQLite in a folder by default; PostgreSQL where an office has one. Images and vectors then live there too.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from examkit.database import MIGRATING, Kept, durable_sqlite, make_schema, writing
from examkit.errors import NotReadyError, StartError

_FILE: Final = "register.sqlite"
_MIGRATIONS: Final = "services.image_search:migrations"
_BEFORE_MIGRATIONS: Final = "1"
_VERSION_TABLE: Final = "image_search_version"


class RegisterUnavailableError(NotReadyError):
    """The database cannot be reached, is locked, or refuses to write."""

    code = "register-unavailable"


class RegisterDiskFullError(NotReadyError):
    """The database has no room left."""

    code = "register-disk-full"


class RegisterReadOnlyError(NotReadyError):
    """A process that only reads the register was asked to change it."""

    code = "register-read-only"


REGISTER: Final = Kept("the register", RegisterUnavailableError, RegisterDiskFullError)


def open_sqlite(folder: Path) -> Engine:
    """Open the database in a folder, a new one where there is none yet; its form is left as it is."""
    return durable_sqlite(folder / _FILE)


def migrate(engine: Engine, schema: str | None = None) -> None:
    """Bring the database to the form of this release, as its owner may; raise StartError when it cannot be.

    A PostgreSQL schema is made where there is none.
    """
    with REGISTER.opening(engine):
        _migrate(engine, schema)


def require_newest_form(engine: Engine) -> None:
    """Raise StartError when the database is not in the form of this release."""
    with REGISTER.opening(engine), engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": _VERSION_TABLE})
        is_newest = context.get_current_revision() == ScriptDirectory.from_config(_config()).get_current_head()
    if not is_newest:
        name = REGISTER.name_of(engine)
        raise StartError(f"{name} is not in the form of this release; start the process that owns it first.")


def read_only() -> RegisterReadOnlyError:
    """Return the error for a change that is asked of a process that only reads."""
    return RegisterReadOnlyError("This process only reads the register; send changes to the one that owns it.")


def _migrate(engine: Engine, schema: str | None) -> None:
    """Run the missing revisions in one transaction; a register from before there were any is taken as the first."""
    config = _config()
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["version_table"] = _VERSION_TABLE
        if engine.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            make_schema(connection, schema)
        elif _is_from_before_migrations(connection):
            with MIGRATING:
                command.stamp(config, _BEFORE_MIGRATIONS)
        with MIGRATING:
            command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    return config


def _is_from_before_migrations(connection: Connection) -> bool:
    tables = inspect(connection).get_table_names()
    return "marks" in tables and _VERSION_TABLE not in tables
