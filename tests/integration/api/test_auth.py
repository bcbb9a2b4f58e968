"""Who may call: service keys by scope, the main web app's tokens by the database's role."""

import base64
import json
import time
from typing import Any
from uuid import UUID

import pytest

from tests.factories.api import ECHO, SECRET, Api, token
from worker.kit.database import execute
from worker.ledger.keys import revoke_key

BODY = {"task": ECHO.name, "payload": {"text": "hello"}}


def unsigned(**claims: Any) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


FUTURE = int(time.time()) + 3600
REFUSED = {
    "nothing": "",
    "another scheme": "Basic eDp5",
    "empty": "Bearer ",
    "no token": "Bearer nonsense",
    "unknown key": "Bearer iwk_nonsense",
    "odd key": "Bearer iwk_\xe9",
    "expired": "Bearer " + token(exp=int(time.time()) - 1),
    "without exp": "Bearer " + token(exp=None),
    "exp is text": "Bearer " + token(exp="soon"),
    "exp is infinite": "Bearer " + token(exp=float("inf")),
    "forged": "Bearer " + token(secret="another secret that is also long enough to sign"),
    "another algorithm": "Bearer " + token(algorithm="HS512"),
    "unsigned": "Bearer " + unsigned(sub="1", type="access", exp=FUTURE),
    "refresh token": "Bearer " + token(type="refresh"),
    "without type": "Bearer " + token(type=None),
    "without sub": "Bearer " + token(sub=None),
    "sub is a word": "Bearer " + token(sub="admin"),
    "sub is huge": "Bearer " + token(sub="9" * 30),
    "issued in the future": "Bearer " + token(iat=FUTURE),
}


DETAILS = {"Authentication required", "Token expired", "Invalid token", "Invalid service key"}


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/tasks"), ("GET", "/api/tasks/xyz"), ("GET", "/metrics")])
def test_without_valid_credentials_everything_is_401(api: Api, method: str, path: str) -> None:
    for case, header in REFUSED.items():
        answer = api.call(method, path, headers={"Authorization": header}, data=b"{", content_type="text/plain")
        assert answer.status_code == 401, case
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json["detail"] in DETAILS


def test_an_expired_token_is_called_expired(api: Api) -> None:
    assert api.with_token(token(exp=int(time.time()) - 1)).get("/api/tasks").json["detail"] == "Token expired"


def test_scopes(api: Api) -> None:
    writer, reader, nobody = api.with_key("tasks:write"), api.with_key("tasks:read"), api.with_key("companies")
    run_id = writer.make()
    assert reader.get(f"/api/tasks/{run_id}").status_code == 200
    assert reader.get("/api/tasks").status_code == 200
    assert writer.get("/api/tasks").status_code == 403
    assert api.with_key("operations").get(f"/api/tasks/{run_id}").json["attempts"] == []
    assert reader.post("/api/tasks", BODY).status_code == 403
    assert reader.post(f"/api/tasks/{run_id}/cancel").status_code == 403
    assert reader.post("/api/queues/bulk/pause").status_code == 403
    assert reader.get("/metrics").status_code == 403
    assert nobody.get("/api/queues").status_code == 403
    assert nobody.get(f"/api/tasks/{run_id}").status_code == 404


def test_an_administrator_may_all_and_the_role_claim_counts_for_nothing(api: Api) -> None:
    admin, employer = api.with_user(1, "admin"), api.with_user(2, "employer")
    run_id = admin.make()
    assert admin.get("/api/tasks").status_code == 200
    assert admin.post(f"/api/tasks/{run_id}/cancel").json["outcome"] == "cancelled"
    assert employer.with_token(token(sub="2", role="admin")).post("/api/tasks", BODY).status_code == 403
    assert employer.get("/api/tasks").status_code == 403


def test_missing_and_inactive_users(api: Api) -> None:
    missing = api.with_token(token(sub="99")).get("/api/tasks")
    assert (missing.status_code, missing.json["detail"]) == (404, "User not found")
    assert api.with_user(3, "admin", active=False).get("/api/tasks").status_code == 403


def test_an_operations_reader_may_only_read(api: Api, make_app: Any, settings: Any) -> None:
    app = make_app(settings.model_copy(update={"operations_readers": "ops@example.com, X@example.com"}))
    door = Api(app, app.test_client(), api.database, api.worker)
    addresses = {7: "X@example.com", 8: "x@example.com", 9: "ops@example.com"}
    reading, other_case, unverified = (door.with_user(id_, "employer", email=each) for id_, each in addresses.items())
    with api.database.transaction() as connection:
        execute(connection, "update users set email_verified = now() where id in (7, 8)")
    assert reading.get("/api/tasks").status_code == 200
    assert reading.post("/api/tasks", BODY).status_code == 403
    assert other_case.get("/api/tasks").status_code == 403
    assert unverified.get("/api/tasks").status_code == 403


def test_whoever_caused_a_run_sees_how_it_goes_but_not_its_payload(api: Api) -> None:
    candidate, stranger = api.with_user(10, "candidate"), api.with_user(11, "candidate")
    run_id = api.make(text="secret words")
    with api.database.transaction() as connection:
        execute(connection, "update task_runs set caused_by = 10 where id = %s", (run_id,))

    shown = candidate.get(f"/api/tasks/{run_id}")
    assert (shown.status_code, shown.json["state"]) == (200, "queued")
    assert not {"payload", "attempts", "caused_by"} & shown.json.keys()
    assert stranger.get(f"/api/tasks/{run_id}").status_code == 404
    assert candidate.get(f"/api/tasks/{run_id}?reveal=payload").status_code == 403


def test_without_a_shared_secret_only_service_keys_count(api: Api, make_app: Any, settings: Any) -> None:
    app = make_app(settings.model_copy(update={"nextauth_secret": None}))
    alone = Api(app, app.test_client(), api.database, api.worker, api.headers)
    assert alone.get("/api/tasks").status_code == 200
    assert alone.with_token(token(secret=SECRET)).get("/api/tasks").status_code == 401


def test_a_revoked_key_opens_nothing_once_it_is_forgotten(api: Api) -> None:
    assert api.get("/api/tasks").status_code == 200
    with api.database.transaction() as connection:
        revoke_key(connection, _only_key(api))
    api.app.extensions["intowork.keys"]._known.clear()
    assert api.get("/api/tasks").status_code == 401


def _only_key(api: Api) -> UUID:
    holders = [caller for _, caller in api.app.extensions["intowork.keys"]._known.values()]
    return UUID(holders[0].id)
