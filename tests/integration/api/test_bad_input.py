"""Whatever arrives: a 4xx problem that names the place, never a 500, and nothing stored."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.factories.api import ECHO, Api

GOOD = json.dumps({"task": ECHO.name, "payload": {"text": "x"}})


@pytest.fixture(autouse=True)
def nothing_is_stored(api: Api) -> Iterator[None]:
    yield
    assert api.rows("select id from task_runs") == []


def body(payload: str) -> str:
    return f'{{"task": "{ECHO.name}", "payload": {payload}}}'


STRICT: list[tuple[str | bytes, list[str | int]]] = [
    ("", ["body"]),
    ("{", ["body"]),
    ("[]", ["body"]),
    ('"{}"', ["body"]),
    ("null", ["body"]),
    (b"\xff\xfe{}", ["body"]),
    (b'\xef\xbb\xbf{"task": "x"}', ["body"]),
    (body('{"text": "a\\u0000b"}'), ["body", "payload", "text"]),
    (body('{"text": "a\\ud800b"}'), ["body", "payload", "text"]),
    (body('{"text": "x", "\\udfff": 1}'), ["body", "payload", "\ufffd"]),
    (body('{"text": [{"deep": "\\u0000"}]}'), ["body", "payload", "text", 0, "deep"]),
    (body('{"text": "a", "text": "b"}'), ["body", "text"]),
    (body('{"text": "a", "count": NaN}'), ["body"]),
    (body('{"text": "a", "count": Infinity}'), ["body"]),
    (body('{"text": "a", "count": 1e999}'), ["body"]),
    (body('{"text": "a", "count": ' + "9" * 5000 + "}"), ["body"]),
    (body('{"text": ' + "[" * 100 + "]" * 100 + "}"), ["body"]),
    ("[" * 500_000, ["body"]),
    (body('{"text": ' + '{"a":' * 200_000), ["body"]),
]


def test_json_is_read_strictly(api: Api) -> None:
    for raw, loc in STRICT:
        answer = api.send(raw)
        assert answer.status_code == 422, (raw[:80], answer.text)
        assert answer.content_type == "application/problem+json"
        assert answer.json["errors"][0]["loc"] == loc
        assert answer.json["detail"].startswith(".".join(str(part) for part in loc))


MEMBERS: list[tuple[dict[str, object], list[str]]] = [
    ({"task": "test.ehco"}, ["body", "task"]),
    ({"task": ""}, ["body", "task"]),
    ({"task": None}, ["body", "task"]),
    ({"payload": None}, ["body", "payload"]),
    ({"payload": []}, ["body", "payload"]),
    ({"payload": {}}, ["body", "payload", "text"]),
    ({"payload": {"text": 5}}, ["body", "payload", "text"]),
    ({"payload": {"text": "x", "shout": True}}, ["body", "payload", "shout"]),
    ({"priority": 10}, ["body", "priority"]),
    ({"priority": -1}, ["body", "priority"]),
    ({"priority": True}, ["body", "priority"]),
    ({"priority": "3"}, ["body", "priority"]),
    ({"company_id": -1}, ["body", "company_id"]),
    ({"company_id": 2**63}, ["body", "company_id"]),
    ({"unique_key": ""}, ["body", "unique_key"]),
    ({"unique_key": "x" * 201}, ["body", "unique_key"]),
    ({"run_at": "tomorrow"}, ["body", "run_at"]),
    ({"run_at": 1_800_000_000}, ["body", "run_at"]),
    ({"run_at": "9999-12-31T23:59:59Z"}, ["body", "run_at"]),
    ({"run_at": "9999-12-31T23:59:59-14:00"}, ["body", "run_at"]),
    ({"queue": "bulk"}, ["body", "queue"]),
]


def test_each_member_is_checked(api: Api) -> None:
    for change, loc in MEMBERS:
        answer = api.post("/api/tasks", {**json.loads(GOOD), **change})
        assert answer.status_code == 422, (change, answer.text)
        assert answer.json["errors"][0]["loc"] == loc, change
        assert isinstance(answer.json["detail"], str)


def test_at_most_fifty_faults_are_told_each_in_few_words(api: Api) -> None:
    answer = api.post("/api/tasks/batch", {"tasks": [{"task": 1, "payload": []}] * 999})
    assert answer.status_code == 422
    assert len(answer.json["errors"]) == 50
    assert "(and 1993 more)" in answer.json["detail"]
    answer = api.post("/api/tasks", {"task": ECHO.name, "x" * 100_000: 1})
    assert answer.status_code == 422
    assert len(answer.text) < 2000
    answer = api.with_user(2, "candidate").post(
        "/api/job-alerts", {"name": "x", "criteria": {}, "frequency": "x" * 100_000}
    )
    assert (answer.status_code, answer.json["errors"][0]["loc"]) == (422, ["body", "frequency"])
    assert len(answer.text) < 2000


def test_what_is_too_long_is_one_fault_whatever_it_holds(api: Api) -> None:
    for many in ({"tasks": [0] * 1001}, {str(number): 0 for number in range(101)}):
        answer = api.post("/api/tasks/batch", many)
        assert answer.status_code == 422
        assert len(answer.json["errors"]) == 1


def test_names_that_appear_twice_are_found_in_one_pass(api: Api) -> None:
    names = ",".join(f'"n{number}": 1' for number in range(50_000))
    began = time.process_time()
    answer = api.send(f'{{{names}, "n49999": 2}}')
    assert time.process_time() - began < 5
    assert answer.json["errors"] == [{"loc": ["body", "n49999"], "msg": "appears twice in one object"}]


def test_an_unknown_task_is_answered_with_the_closest_name(api: Api) -> None:
    assert "did you mean test.echo?" in api.post("/api/tasks", {"task": "test.ehco"}).json["detail"]


def test_values_are_not_repeated_in_errors(api: Api) -> None:
    answer = api.post("/api/tasks", {"task": ECHO.name, "payload": {"text": "x", "count": "awa@example.com"}})
    assert answer.status_code == 422
    assert "awa@example.com" not in answer.text


def test_other_media_types_are_refused(api: Api) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert api.send(GOOD, content_type=content_type).status_code == 415


def test_large_bodies_and_payloads_are_refused(api: Api) -> None:
    ten_megabytes = body('{"text": "' + "x" * 10_000_000 + '"}')
    assert api.send(ten_megabytes).status_code == 413
    large = body('{"text": "' + "x" * (256 * 1024) + '"}')
    answer = api.send(large)
    assert (answer.status_code, answer.json["errors"][0]["loc"]) == (413, ["body", "payload"])
    answer = api.send(f'{{"tasks": [{GOOD}, {large}]}}', "/api/tasks/batch")
    assert (answer.status_code, answer.json["errors"][0]["loc"]) == (413, ["body", "tasks", 1, "payload"])
    assert api.send(f'{{"tasks": [{ten_megabytes}, {ten_megabytes}]}}', "/api/tasks/batch").status_code == 413


def test_a_malformed_identifier_names_nothing(api: Api) -> None:
    malformed = ("1", "9223372036854775808", "9" * 20, "xyz", "00000000-0000-0000-0000-00000000000g", "%00", "..%2f")
    for run_id in malformed:
        answer = api.get(f"/api/tasks/{run_id}")
        assert (answer.status_code, answer.json["status"]) == (404, 404), run_id


def test_a_malformed_query_is_named(api: Api) -> None:
    queries = (
        "limit=0 limit=501 limit=x state=done company_id=-1 company_id=9223372036854775808 since=x cursor=x until=5 "
        "colour=red task=%00 fingerprint=" + "x" * 65
    ).split()
    for query in queries:
        answer = api.get(f"/api/tasks?{query}")
        assert answer.status_code == 422, (query, answer.text)
        assert answer.json["errors"][0]["loc"][0] == "query"


def test_unknown_addresses_and_methods(api: Api) -> None:
    assert api.get("/api/nothing").status_code == 404
    answer = api.call("PUT", "/api/tasks")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.json["detail"]


def test_a_queue_of_odd_name_is_not_found(api: Api) -> None:
    for name in ("nothing", "%00", "%ff", "%ed%a0%80", "é"):
        assert api.post(f"/api/queues/{name}/pause").status_code == 404, name


BEYOND = [
    ('{"text": "x", "count": ' + "9" * 309 + "}", ["body"], "a number of more than 308 digits"),
    ('{"text": "x", "count": -1e308}', ["body"], "a number of more than 308 digits"),
    ('{"text": ' + "[" * 60 + "]" * 60 + "}", ["body", "payload"], "nested deeper than 60 levels"),
]


def test_what_sql_would_refuse_is_refused_in_a_sentence(api: Api) -> None:
    for payload, loc, sentence in BEYOND:
        answer = api.send(body(payload))
        assert (answer.status_code, answer.json["errors"][0]["loc"]) == (422, loc), answer.text
        assert sentence in answer.json["detail"]
    answer = api.send(f'{{"tasks": [{GOOD}, {body(BEYOND[2][0])}]}}', "/api/tasks/batch")
    assert (answer.status_code, answer.json["errors"][0]["loc"]) == (422, ["body", "tasks", 1, "payload"])


def test_a_time_before_all_calendars_is_refused(api: Api) -> None:
    answer = api.post("/api/tasks", {**json.loads(GOOD), "run_at": "0001-01-01T00:00:00+14:00"})
    assert (answer.status_code, answer.json["errors"][0]["loc"]) == (422, ["body", "run_at"])
