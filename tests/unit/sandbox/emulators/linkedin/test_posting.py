"""LinkedIn: posts are made, read, listed, changed and deleted."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.linkedin.application import (
    DIRECTION,
    HR,
    ORGANIZATION,
    SCOPES,
    Application,
    code_of,
    one,
)

CARD = {"source": "https://intowork.example/o/1?ref=p-7", "title": "Comptable (H/F)", "description": "À Douala"}


@pytest.fixture
def token(application: Application) -> str:
    return str(application.connect()["access_token"])


def test_a_post_is_made_read_and_deleted(application: Application, token: str) -> None:
    before = time.time()
    made = application.publish(token, r"Nous recrutons \(H/F\) #Emploi", content={"article": CARD})
    urn = made.headers["x-restli-id"]
    assert (made.status, made.body, urn.rpartition(":")[0]) == (201, b"", "urn:li:share")
    shown = json.loads(application.call(token, "GET", f"{one(urn)}?viewContext=AUTHOR").body)
    assert (shown["id"], shown["author"], shown["lifecycleState"]) == (urn, ORGANIZATION, "PUBLISHED")
    assert (shown["commentary"], shown["content"]["article"]) == (r"Nous recrutons \(H/F\) #Emploi", CARD)
    assert before * 1000 - 1 <= shown["createdAt"] <= time.time() * 1000
    told = application.posts()[0]
    assert (told["visible"], told["hashtags"], told["by"]) == ("Nous recrutons (H/F) #Emploi", ["Emploi"], HR)
    assert (told["author_name"], told["card"]["title"], told["live"]) == ("Exemple SA", "Comptable (H/F)", True)
    for _ in range(2):
        assert application.call(token, "DELETE", one(urn), {"X-RestLi-Method": "DELETE"}).status == 204
    assert application.call(token, "GET", one(urn)).status == 404
    assert application.found(token) == []
    assert application.posts()[0]["deleted_at"] is not None
    assert application.call(token, "DELETE", one("urn:li:share:1")).status == 204


def test_a_text_is_cut_without_a_word(application: Application, token: str) -> None:
    urn = application.published(token, "Comptable (H/F) à Douala")
    assert json.loads(application.call(token, "GET", one(urn)).body)["commentary"] == "Comptable "
    told = application.posts()[0]
    assert (told["visible"], told["raw"], told["cut"]) == ("Comptable ", "Comptable (H/F) à Douala", True)


def test_posts_may_be_called_otherwise(application: Application, token: str) -> None:
    application.faults(urn_kind="ugcPost")
    assert application.published(token).startswith("urn:li:ugcPost:")


def test_posts_of_an_author_are_listed_in_pages(application: Application, token: str) -> None:
    urns = [application.published(token, f"Offre {number}") for number in range(5)]
    application.published(token_of(application, DIRECTION), author="urn:li:organization:5515715")
    status, page = application.find(token, sortBy="CREATED", count="2", start="2")
    assert (status, [element["id"] for element in page["elements"]]) == (200, [urns[2], urns[1]])
    links = {link["rel"]: link["href"] for link in page["paging"]["links"]}
    assert "total" not in page["paging"]
    following = application.call(token, "GET", links["next"].removeprefix("/linkedin"), {"X-RestLi-Method": "FINDER"})
    assert [element["id"] for element in json.loads(following.body)["elements"]] == [urns[0]]
    assert "start=0" in links["prev"]
    update(application, token, urns[0], commentary="Offre 0, prolongée")
    assert application.found(token, sortBy="LAST_MODIFIED")[0] == urns[0]
    assert application.found(token, sortBy="CREATED", count="100") == urns[::-1]


def test_what_was_just_posted_may_not_be_listed_yet(
    application: Application, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    application.faults(found_after=60)
    urn = application.published(token)
    assert application.found(token) == []
    assert application.call(token, "GET", one(urn)).status == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 61)
    assert application.found(token) == [urn]


def test_few_members_can_be_changed(application: Application, token: str) -> None:
    urn = application.published(token)
    assert update(application, token, urn, commentary="Prolongé !").status == 204
    shown = json.loads(application.call(token, "GET", one(urn)).body)
    assert (shown["commentary"], shown["lifecycleStateInfo"]) == ("Prolongé !", {"isEditedByAuthor": True})
    assert update(application, token, urn, visibility="LOGGED_IN").status == 422
    assert update(application, token, urn, commentary="a" * 3001).status == 400
    assert update(application, token, urn).status == 400
    assert update(application, token, "urn:li:share:1", commentary="a").status == 404
    assert application.call(token, "POST", one(urn), {}, {"patch": {"$set": {"commentary": "a"}}}).status == 400


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"author": None}, 400, "MISSING_FIELD"),
        ({"lifecycleState": None}, 400, "MISSING_FIELD"),
        ({"author": "urn:li:company:7"}, 400, "INVALID_URN_TYPE"),
        ({"author": 7}, 400, "INVALID_URN_TYPE"),
        ({"visibility": "EVERYBODY"}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"commentary": ["a"]}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"distribution": "MAIN_FEED"}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"distribution": {"feedDistribution": "ALL"}}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"content": {"article": {"title": "a"}}}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"content": {"article": {"source": "intowork.example"}}}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"content": {"article": {**CARD, "title": "a" * 401}}}, 400, "FIELD_LENGTH_TOO_LONG"),
        ({"content": {"article": {**CARD, "thumbnail": "urn:li:share:1"}}}, 400, "INVALID_URN_TYPE"),
        ({"content": {"article": {**CARD, "thumbnail": "urn:li:image:none"}}}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"content": {"article": CARD, "media": {"id": "urn:li:image:1"}}}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"commentary": "a" * 3001}, 400, "FIELD_LENGTH_TOO_LONG"),
        ({"commentary": r"\(" * 3001}, 400, "FIELD_LENGTH_TOO_LONG"),
    ],
)
def test_posts_that_are_refused(
    application: Application, token: str, members: dict[str, Any], status: int, code: str
) -> None:
    refused = application.publish(token, **members)
    assert (refused.status, code_of(refused)) == (status, code)
    assert application.posts() == []


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"text": "a"}, "/text"),
        ({"distribution": {"targetEnties": []}}, "/distribution/targetEnties"),
        ({"content": {"article": {**CARD, "image": "a"}}}, "/content/article/image"),
    ],
)
def test_fields_that_nobody_knows(application: Application, token: str, members: dict[str, Any], field: str) -> None:
    refused = application.publish(token, **members)
    assert refused.status == 422
    assert f"ERROR :: {field} :: unrecognized field" in json.loads(refused.body)["message"]


def test_only_what_is_seen_counts_for_the_length(application: Application, token: str) -> None:
    application.published(token, r"\(" * 2992 + "{hashtag|\\#|Emploi2}")
    assert len(application.posts()[0]["visible"]) == 3000


@pytest.mark.parametrize(
    ("scopes", "account", "author", "status"),
    [
        (SCOPES, HR, ORGANIZATION, 201),
        (SCOPES, HR, "urn:li:organization:5515715", 403),
        (SCOPES, HR, "urn:li:organization:1", 403),
        (SCOPES, HR, "urn:li:person:somebody", 403),
        ("openid profile w_member_social", HR, ORGANIZATION, 400),
        ("r_organization_social r_basicprofile", HR, ORGANIZATION, 403),
        (SCOPES, "analyste@exemple.cm", ORGANIZATION, 403),
        (SCOPES, "redaction@exemple.cm", ORGANIZATION, 201),
    ],
)
def test_in_whose_name_one_may_post(
    application: Application, scopes: str, account: str, author: str, status: int
) -> None:
    for email, role in (("analyste@exemple.cm", "ANALYST"), ("redaction@exemple.cm", "CONTENT_ADMINISTRATOR")):
        roles = [{"organization": 2414183, "role": role}]
        application.steer("PUT", f"accounts/{email}", {"roles": roles})
    application.faults(products=["openid", "profile", "w_member_social", *SCOPES.split()])
    token = application.connect(account, scope=scopes)["access_token"]
    assert application.publish(token, author=author).status == status


def test_a_member_posts_on_his_own_profile(application: Application) -> None:
    """He may not read what he posted: that permission is closed."""
    application.faults(products=["openid", "profile", "w_member_social"])
    token = application.connect(scope="openid profile w_member_social")["access_token"]
    me = next(account for account in application.steer("GET", "accounts")["accounts"] if account["email"] == HR)
    author = f"urn:li:person:{me['id']}"
    urn = application.published(token, author=author)
    assert application.call(token, "GET", one(urn)).status == 403
    assert application.find(token, author)[0] == 403
    assert application.posts()[0]["author_name"] == "Awa Ndiaye"
    assert application.call(token, "DELETE", one(urn)).status == 204


def test_posts_of_others_stay(application: Application, token: str) -> None:
    urn = application.published(token_of(application, DIRECTION), author="urn:li:organization:5515715")
    assert application.call(token, "DELETE", one(urn)).status == 403
    assert application.call(token, "GET", one(urn)).status == 403
    assert update(application, token, urn, commentary="a").status == 403
    assert application.posts()[0]["live"]


@pytest.mark.parametrize(
    ("target", "headers", "code"),
    [
        ("/rest/posts/urn:li:share:1", {}, "ILLEGAL_ARGUMENT"),
        (f"/rest/posts?q=author&author={ORGANIZATION}", {"X-RestLi-Method": "FINDER"}, "ILLEGAL_ARGUMENT"),
        (f"/rest/posts?q=author&author={quote(ORGANIZATION)}", {}, "ILLEGAL_ARGUMENT"),
        ("/rest/posts?q=author", {"X-RestLi-Method": "FINDER"}, "MISSING_FIELD"),
        ("/rest/posts?q=organization", {}, "ILLEGAL_ARGUMENT"),
        (f"{one('urn:li:share:1')}?viewContext=ADMIN", {}, "ILLEGAL_ARGUMENT"),
        (one("urn:li:share:1"), {"X-RestLi-Method": "DELETE"}, "ILLEGAL_ARGUMENT"),
        (one("urn:li:share:1"), {"X-Restli-Protocol-Version": "1.0.0"}, "ILLEGAL_ARGUMENT"),
        (one("urn:li:share:1"), {"LinkedIn-Version": ""}, "VERSION_MISSING"),
    ],
)
def test_calls_that_are_badly_written(
    application: Application, token: str, target: str, headers: dict[str, str], code: str
) -> None:
    refused = application.call(token, "GET", target, headers)
    assert (refused.status, code_of(refused)) == (400, code)


@pytest.mark.parametrize("parameters", [{"count": "101"}, {"count": "0"}, {"start": "x"}, {"sortBy": "SIZE"}])
def test_pages_that_are_refused(application: Application, token: str, parameters: dict[str, str]) -> None:
    assert application.find(token, **parameters)[0] == 400


def test_bodies_that_are_no_json(application: Application, token: str) -> None:
    assert application.call(token, "POST", "/rest/posts", {}, b"{").status == 400
    assert application.call(token, "POST", "/rest/posts", {}, []).status == 400
    assert application.publish(token, headers={"Content-Type": "text/plain"}).status == 415


def test_the_dead_version_is_told_with_its_day(application: Application, token: str) -> None:
    refused = application.publish(token, headers={"LinkedIn-Version": "202509"})
    assert (refused.status, code_of(refused)) == (426, "NONEXISTENT_VERSION")
    assert "20250901" in json.loads(refused.body)["message"]


def test_the_same_text_twice_is_refused(application: Application, token: str) -> None:
    urn = application.published(token, "Comptable")
    refused = application.publish(token, "Comptable", content={"article": CARD})
    body = json.loads(refused.body)
    assert (refused.status, code_of(refused), body["status"]) == (422, "DUPLICATE_POST", 422)
    assert body["message"].endswith(f"Content is a duplicate of {urn}")
    other = token_of(application, DIRECTION)
    application.published(other, "Comptable", author="urn:li:organization:5515715")
    application.published(token, "Comptable confirmé")
    application.faults(duplicates=False)
    application.published(token, "Comptable")


def test_a_deleted_post_is_a_ghost_for_two_days(
    application: Application, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    urn = application.published(token)
    application.steer("DELETE", f"posts/{urn}")
    assert json.loads(application.publish(token).body)["message"].endswith(urn)
    assert application.call(token, "GET", one(urn)).status == 404
    application.faults(new_ghosts=True)
    named = {json.loads(application.publish(token).body)["message"].rpartition(" ")[2] for _ in range(2)}
    assert len(named) == 2
    assert urn not in named
    assert {application.call(token, "GET", one(ghost)).status for ghost in named} == {404}
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 172_801)
    assert application.published(token) != urn


def test_of_many_at_once_one_is_taken(application: Application, token: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        statuses = sorted(pool.map(lambda _: application.publish(token).status, range(40)))
    assert statuses == [201] + [422] * 39
    assert len(application.posts()) == 1


def test_a_person_posts_in_the_network_itself(application: Application, token: str) -> None:
    wishes = {"author": ORGANIZATION, "text": "Comptable (H/F)", "link": CARD["source"], "seconds_ago": 60}
    told = application.steer("POST", "posts", wishes)
    assert (told["visible"], told["behind"], told["by"]) == ("Comptable (H/F)", True, None)
    assert application.found(token) == [told["urn"]]
    assert application.steer("GET", f"posts/{told['urn']}") == told
    assert code_of(application.publish(token, r"Comptable \(H/F\)")) == "DUPLICATE_POST"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "posts", {"author": ORGANIZATION, "surprise": 1}),
        ("POST", "posts", {"author": "nobody"}),
        ("POST", "posts", {"author": ORGANIZATION, "link": "nowhere"}),
        ("DELETE", "posts/urn:li:share:1", {}),
        ("POST", "posts/urn:li:share:1", {}),
    ],
)
def test_steering_of_posts_that_makes_no_sense(
    application: Application, method: str, path: str, body: dict[str, Any]
) -> None:
    request = Request(method, f"/_emulator/linkedin/{path}", body=json.dumps(body).encode())
    assert application.site.answer(request).status == 422


def token_of(application: Application, account: str) -> str:
    return str(application.connect(account)["access_token"])


def update(application: Application, token: str, urn: str, **changes: Any) -> Any:
    headers = {"X-RestLi-Method": "PARTIAL_UPDATE"}
    return application.call(token, "POST", one(urn), headers, {"patch": {"$set": changes}})
