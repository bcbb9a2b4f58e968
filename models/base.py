"""The one metadata of all tables, and which parts of it are ours.

The main web app owns the shared tables; in those only the columns marked `OURS` belong to this platform.
Constraint and index names are those that hand-written Postgres statements and the main web app give.
"""

from typing import Any

from sqlalchemy import TIMESTAMP, MetaData, Table, text
from sqlalchemy.dialects.postgresql import ENUM, JSONB
from sqlalchemy.sql.schema import SchemaItem
from sqlalchemy.types import UserDefinedType
from typing_extensions import override

from models.enums import SharedKind

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

INSTANT = TIMESTAMP(timezone=True)
NOW = text("now()")
OURS: dict[str, Any] = {"ours": True}


DOCUMENT = JSONB(none_as_null=True)


def native(name: str, kinds: type[SharedKind]) -> ENUM:
    """The main web app's enum type with the labels it has, never more."""
    labels = [kind.label for kind in kinds if kind.own is None]
    return ENUM(*labels, name=name, create_type=False)


class Label(UserDefinedType[str]):
    """A column that is a native enum in one variant of the main web app's database and text in the other.

    Values travel untyped, so that Postgres reads them as whatever the column is.
    """

    cache_ok = True

    @override
    def get_col_spec(self, **_options: Any) -> str:
        return "varchar"


def shared_table(name: str, *items: SchemaItem) -> Table:
    """A table of the main web app, in its production shape."""
    return Table(name, metadata, *items, info={"shared": True})


def is_ours(item: Any, _name: str | None, kind: str, reflected: bool, declared: Any) -> bool:  # noqa: FBT001 - Alembic calls it
    """Alembic's `include_object`: compare our tables whole, of shared tables our columns and indexes only."""
    if kind == "table":
        return not (reflected and declared is None)
    table = metadata.tables.get(item.table.name)
    if table is None or not table.info.get("shared"):
        return True
    known = declared if reflected else item
    return bool(known is not None and known.info.get("ours"))
