"""Service keys: shown once, found by their secret, gone when revoked."""

import hashlib
from uuid import UUID

import pytest

from worker.kit.database import Database, execute, query
from worker.kit.ids import new_id
from worker.ledger.keys import SCOPES, KeyView, create_key, find_key, list_keys, revoke_key


def key(database: Database, *scopes: str) -> tuple[UUID, str]:
    with database.transaction() as connection:
        return create_key(connection, "main web app", scopes or ("tasks:write",))


def find(database: Database, secret: str) -> KeyView | None:
    with database.transaction() as connection:
        return find_key(connection, secret)


def test_a_key_is_found_by_its_secret_of_which_only_the_hash_is_kept(database: Database) -> None:
    identifier, secret = key(database, "tasks:write", "tasks:read", "tasks:read")
    assert secret.startswith("iwk_")
    assert len(secret) >= 4 + 43

    view = find(database, secret)
    assert view is not None
    assert (view.id, view.name, view.scopes) == (identifier, "main web app", ("tasks:read", "tasks:write"))
    with database.transaction() as connection:
        stored = query(connection, "select key_hash, to_jsonb(k)::text as text from service_keys k")[0]
        log = query(connection, "select actor, action, subject, details::text as text from audit_log")
    assert stored["key_hash"] == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in stored["text"]
    assert [(each["actor"], each["action"], each["subject"]) for each in log] == [
        ("cli", "key.create", str(identifier))
    ]
    assert secret not in log[0]["text"]


def test_two_keys_differ(database: Database) -> None:
    assert key(database)[1] != key(database)[1]


@pytest.mark.parametrize("secret", ["", "iwk_", "iwk_wrong", "Bearer x", "iwk_\udcff", "iwk_\x00"])
def test_other_secrets_find_nothing(database: Database, secret: str) -> None:
    key(database)
    assert find(database, secret) is None


def test_a_revoked_key_opens_nothing_and_is_revoked_once(database: Database) -> None:
    identifier, secret = key(database)
    with database.transaction() as connection:
        assert revoke_key(connection, identifier)
        assert not revoke_key(connection, identifier)
        assert not revoke_key(connection, new_id())
    assert find(database, secret) is None
    with database.transaction() as connection:
        assert [each.revoked_at is not None for each in list_keys(connection)] == [True]
        assert len(query(connection, "select 1 from audit_log where action = 'key.revoke'")) == 1


def test_the_last_use_is_noted_at_most_once_a_minute(database: Database) -> None:
    _, secret = key(database)
    first = find(database, secret)
    second = find(database, secret)
    assert first is not None
    assert second is not None
    assert first.last_used_at is not None
    assert second.last_used_at == first.last_used_at
    with database.transaction() as connection:
        execute(connection, "update service_keys set last_used_at = now() - interval '61 seconds'")
    third = find(database, secret)
    assert third is not None
    assert third.last_used_at is not None
    assert third.last_used_at > first.last_used_at


def test_a_key_in_use_elsewhere_is_found_without_waiting(database: Database) -> None:
    _, secret = key(database)
    with database.direct() as other, other.transaction():
        other.execute("select 1 from service_keys for update")
        view = find(database, secret)
    assert view is not None
    assert view.last_used_at is None


def test_a_key_allows_what_its_scopes_say(database: Database) -> None:
    _, secret = key(database, "tasks:read")
    view = find(database, secret)
    assert view is not None
    assert view.allows("tasks:read")
    assert view.allows("operations", "tasks:read")
    assert not view.allows("tasks:write")
    assert not view.allows("tasks:write", "operations")


@pytest.mark.parametrize("scopes", [(), ("tasks:delete",), ("tasks:read", "root")])
def test_unknown_or_missing_scopes_are_said_so(database: Database, scopes: tuple[str, ...]) -> None:
    with database.transaction() as connection, pytest.raises(ValueError, match=", ".join(SCOPES)):
        create_key(connection, "main web app", scopes)


def test_a_key_needs_a_name(database: Database) -> None:
    with database.transaction() as connection, pytest.raises(ValueError, match="needs a name"):
        create_key(connection, "  ", ["tasks:read"])


def test_keys_are_listed_oldest_first(database: Database) -> None:
    made = [key(database)[0] for _ in range(3)]
    with database.transaction() as connection:
        assert [each.id for each in list_keys(connection)] == made
