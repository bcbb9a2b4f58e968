"""Who may fetch fresh tokens of an account now: one process, under a lease on its row, and nobody for a while when the
provider gave none.
"""

from uuid import UUID

from sqlalchemy import Connection

from worker.kit.database import execute, query
from worker.services.integrations.credentials import Credential


def take_lease(connection: Connection, known: Credential, lease: UUID, seconds: float) -> bool:
    """Whether it is ours to fetch fresh tokens: nobody else does, and none were stored since."""
    taken = execute(
        connection,
        f"""
        update {known.table.name}
           set refresh_lease = %(lease)s, refresh_lease_until = now() + make_interval(secs => %(seconds)s)
         where id = %(id)s and token_version = %(version)s and coalesce(is_active, true)
           and coalesce(refresh_lease_until < now(), true)
        """,
        {"id": known.id, "version": known.token_version, "lease": lease, "seconds": seconds},
    )
    return taken == 1


def give_lease_back(connection: Connection, known: Credential, lease: UUID) -> None:
    execute(
        connection,
        f"""
        update {known.table.name} set refresh_lease = null, refresh_lease_until = null
         where id = %s and refresh_lease = %s
        """,
        (known.id, lease),
    )


def others_are_renewed(connection: Connection, known: Credential, within: float) -> bool:
    """Whether other accounts of this provider were renewed in the last seconds."""
    rows = query(
        connection,
        f"""
        select 1 from {known.table.name}
         where {known.table.kind}::text = %s and id <> %s and refreshed_at > now() - make_interval(secs => %s) limit 1
        """,
        (known.table.stored(known.provider), known.id, within),
    )
    return bool(rows)


def cool_down(connection: Connection, known: Credential, lease: UUID, seconds: float) -> None:
    """Nobody asks for fresh tokens for some seconds: the provider did not give any."""
    execute(
        connection,
        f"""
        update {known.table.name}
           set refresh_lease = null, refresh_lease_until = now() + make_interval(secs => %s)
         where id = %s and refresh_lease = %s
        """,
        (seconds, known.id, lease),
    )
