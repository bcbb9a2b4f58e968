"""The list of addresses that no mail goes to, for operators."""

import pytest

from tests.factories.api import Api

PATH = "/api/suppressions"


def put(api: Api, *addresses: str, reason: str = "bounced") -> None:
    for place, address in enumerate(addresses):
        api.rows(
            "insert into suppressions (address, reason, source, created_at) values "
            "(%s, %s, 'resend:e', now() - make_interval(mins => %s)) returning address",
            (address, reason, place),
        )


def addresses(api: Api, query: str = "") -> list[str]:
    answer = api.get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.text
    return [each["address"] for each in answer.json["suppressions"]]


def test_the_newest_first_page_by_page(api: Api) -> None:
    every = [f"awa.{number}@example.org" for number in range(7)]
    put(api, *every)
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        page = api.get(f"{PATH}?limit=3{cursor}").json
        seen += [each["address"] for each in page["suppressions"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == every


def test_a_member_of_the_list(api: Api) -> None:
    put(api, "awa@example.org")
    api.rows("insert into soft_bounces (address, count) values ('awa@example.org', 3) returning address")
    [shown] = api.get(PATH).json["suppressions"]
    assert shown.pop("created_at").endswith("Z")
    assert shown == {
        "address": "awa@example.org",
        "reason": "bounced",
        "source": "resend:e",
        "lifted_at": None,
        "soft_bounces": 3,
    }


def test_searching(api: Api) -> None:
    put(api, "awa@example.org", "paul_m@example.org", "paulxm@example.com")
    assert addresses(api, "?search=AWA@") == ["awa@example.org"]
    assert addresses(api, "?search=paul_m") == ["paul_m@example.org"]
    assert addresses(api, "?search=%25") == []


def test_adding_and_lifting_are_audited(api: Api) -> None:
    answer = api.post(PATH, {"address": " Awa@Example.org ", "reason": "asked by telephone", "other": 1})
    assert (answer.status_code, answer.json["address"], answer.json["reason"]) == (201, "awa@example.org", "manual")
    assert api.post(PATH, {"address": "awa@example.org"}).status_code == 200
    lifted = api.call("DELETE", f"{PATH}/AWA@example.org?reason=a+new+mailbox")
    assert (lifted.status_code, lifted.data) == (204, b"")
    assert addresses(api) == []
    assert addresses(api, "?state=lifted") == addresses(api, "?state=all") == ["awa@example.org"]
    rows = api.rows("select action, subject, reason from audit_log where action like 'suppression.%%' order by id")
    assert [(row["action"], row["subject"], row["reason"]) for row in rows] == [
        ("suppression.add", "address:awa@example.org", "asked by telephone"),
        ("suppression.lift", "address:awa@example.org", "a new mailbox"),
    ]
    assert api.post(PATH, {"address": "awa@example.org"}).status_code == 201


def test_lifting_what_is_not_there(api: Api) -> None:
    assert api.call("DELETE", f"{PATH}/nobody@example.org?reason=x").status_code == 404
    assert api.call("DELETE", f"{PATH}/a/b@example.org?reason=x").status_code == 404


@pytest.mark.parametrize("query", ["", "?reason=", "?reason=%20", f"?reason={'x' * 501}"])
def test_a_lifting_has_its_reason(api: Api, query: str) -> None:
    put(api, "awa@example.org")
    assert api.call("DELETE", f"{PATH}/awa@example.org{query}").status_code == 422
    assert addresses(api) == ["awa@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        "awa",
        "awa@",
        "@example.org",
        "awa@example",
        "a b@c.ga",
        "a@b@c.ga",
        "a\n@c.ga",
        f"{'a' * 250}@c.ga",
    ],
)
def test_what_is_no_address(api: Api, address: object) -> None:
    assert api.post(PATH, {"address": address}).status_code == 422


@pytest.mark.parametrize("query", ["?cursor=x", "?cursor=eA==", "?limit=0", "?limit=501", "?state=gone", "?search=%00"])
def test_wrong_questions(api: Api, query: str) -> None:
    assert api.get(f"{PATH}{query}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("POST", PATH), ("DELETE", f"{PATH}/awa@example.org?reason=x")]
)
def test_operators_only(api: Api, method: str, path: str) -> None:
    body = {"json": {"address": "awa@example.org"}} if method == "POST" else {}
    assert Api(api.app, api.client, api.database, api.worker).call(method, path, **body).status_code == 401
    for caller in (api.with_user(7, "candidate"), api.with_user(8, "employer"), api.with_key("tasks:read")):
        assert caller.call(method, path, **body).status_code == 403
    assert api.with_user(9, "admin").call(method, path, **body).status_code in {200, 201, 404}
