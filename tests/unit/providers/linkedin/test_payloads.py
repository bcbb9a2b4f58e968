"""Posts as LinkedIn takes them, and what it shows of them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from worker.contracts.channels import Figures, Post
from worker.kit.errors import Refused, Retryable
from worker.providers.linkedin import payloads

PAGE = "urn:li:organization:2414183"
LINK = "https://platform.example.org/carrieres/1-exemple/12-comptable?ref=p-12"
OFFER = Post(
    text=f"Comptable (H/F) [CDI]\n\nPostulez : {LINK}",
    hashtags=("Emploi", "Comptabilité"),
    link=LINK,
    title="Comptable (H/F) [CDI]",
    description="Exemple_SA recrute à Douala",
    language="fr",
    picture="urn:li:image:C4E",
)


def sent(post: Post = OFFER, target: str = PAGE) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(payloads.body(post, target))
    return members


def shown(**changes: Any) -> dict[str, Any]:
    post = sent()
    return {"id": "urn:li:share:71", "createdAt": 1795000000000, **post, **changes}


@pytest.mark.parametrize("target", [PAGE, "urn:li:person:AbC-1_x"])
def test_a_post_is_its_authors_with_a_card(target: str) -> None:
    assert sent(target=target) == {
        "author": target,
        "commentary": "Comptable \\(H/F\\) \\[CDI\\]\n\nPostulez : " + LINK + "\n\n#Emploi #Comptabilité",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": {
            "article": {
                "source": LINK,
                "title": "Comptable (H/F) [CDI]",
                "description": "Exemple_SA recrute à Douala",
                "thumbnail": "urn:li:image:C4E",
            }
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    assert payloads.body(OFFER, target) == payloads.body(OFFER, target)


def test_what_the_card_lacks_is_left_out() -> None:
    article = sent(replace(OFFER, picture="", description=""))["content"]["article"]
    assert sorted(article) == ["source", "title"]
    assert sent(replace(OFFER, hashtags=()))["commentary"].endswith(LINK)


def test_visible_characters_are_counted() -> None:
    longest = replace(OFFER, text="(" * (3000 - len("\n\n#Emploi #Comptabilité")))
    assert len(longest.visible) == 3000
    assert len(sent(longest)["commentary"]) > 3000
    with pytest.raises(Refused, match="3001 characters") as caught:
        payloads.body(replace(longest, text=longest.text + "x"), PAGE)
    assert caught.value.code == "publishing.too_long"


@pytest.mark.parametrize("target", ["", "2414183", "urn:li:organization:", "urn:li:sponsoredAccount:1", f"{PAGE}\n"])
def test_nobody_else_is_an_author(target: str) -> None:
    with pytest.raises(Refused, match="choose the page again"):
        payloads.body(OFFER, target)


def found(**changes: Any) -> bool:
    post = payloads.seen(shown(**changes))
    assert post is not None
    return post.is_ours(PAGE, LINK)


def test_a_post_is_known_by_its_link() -> None:
    assert found()
    assert found(content=None)
    assert found(commentary="cut")
    assert found(commentary=LINK + ".", content={})
    escaped = LINK.replace("p-12", "p\\_12")
    assert payloads.seen(shown(commentary=escaped, content={})).is_ours(PAGE, LINK.replace("p-12", "p_12"))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "changes",
    [
        {"commentary": f"{LINK}3", "content": {"article": {"source": f"{LINK}3"}}},
        {"commentary": f"{LINK}&a=b", "content": {}},
        {"commentary": "", "content": {"article": {}}},
        {"author": "urn:li:organization:5515715"},
        {"author": None},
        {"lifecycleState": "PUBLISH_FAILED"},
        {"lifecycleState": "DRAFT"},
    ],
)
def test_another_post_is_not_taken_for_it(changes: dict[str, Any]) -> None:
    assert not found(**changes)


@pytest.mark.parametrize("element", [None, 3, [], {}, {"id": 7}, {"id": "urn:li:activity:7"}, {"id": "urn:li:share:x"}])
def test_what_is_no_post_is_none(element: Any) -> None:
    assert payloads.seen(element) is None


@pytest.mark.parametrize("said", [None, "soon", -1, 10**30, True, 1.5])
def test_a_time_that_cannot_be_was_not_said(said: Any) -> None:
    post = payloads.seen(shown(createdAt=said))
    assert post is not None
    assert post.created_at is None or post.created_at.year == 1970
    known = payloads.seen(shown())
    assert known is not None
    assert known.created_at == datetime.fromtimestamp(1795000000, UTC)


def test_pages_at_which_the_member_may_post() -> None:
    def entry(number: int, role: str, **changes: Any) -> dict[str, Any]:
        return {"organization": f"urn:li:organization:{number}", "role": role, "state": "APPROVED", **changes}

    members = {
        "elements": [
            entry(1, "ADMINISTRATOR"),
            entry(2, "CONTENT_ADMINISTRATOR"),
            entry(3, "CONTENT_ADMIN"),
            entry(4, "DIRECT_SPONSORED_CONTENT_POSTER"),
            entry(5, "ANALYST"),
            entry(6, "ADMINISTRATOR", state="REVOKED"),
            {"organizationTarget": "urn:li:organization:7", "role": "ADMINISTRATOR"},
            entry(8, "ADMINISTRATOR", organization=8),
            entry(9, "ADMINISTRATOR", organization="urn:li:person:9"),
            None,
        ]
    }
    assert [page.rpartition(":")[2] for page in payloads.pages(members)] == ["1", "2", "3", "7"]


def test_figures_are_counts() -> None:
    told = {
        "impressionCount": 120,
        "uniqueImpressionsCount": 80,
        "clickCount": 7,
        "likeCount": -1,
        "commentCount": True,
        "shareCount": "3",
        "engagement": 0.07,
    }
    one, other, third = "urn:li:share:1", "urn:li:ugcPost:2", "urn:li:share:3"
    members = {
        "elements": [
            {"share": one, "totalShareStatistics": told},
            {"ugcPost": other, "totalShareStatistics": {"likeCount": 10**40}},
            7,
        ]
    }
    found = payloads.figures(members, [one, other, third])
    assert found[one] == Figures(120, 80, 7, 0, None, None)
    assert found[other] == Figures()
    assert found[third] == Figures(0, 0, 0, 0, 0, 0), "LinkedIn leaves out what nobody has seen yet"


@pytest.mark.parametrize(
    ("paging", "last"),
    [
        ({"links": []}, True),
        ({"links": [{"rel": "prev"}]}, True),
        ({"links": [{"rel": "next", "href": "/x"}]}, False),
        ({"links": 7}, True),
        (None, True),
    ],
)
def test_a_short_page_is_the_last_unless_it_names_another(paging: Any, *, last: bool) -> None:
    assert payloads.is_last({"elements": [1], "paging": paging}, 100) is last
    assert not payloads.is_last({"elements": [1] * 100, "paging": paging}, 100)


def test_a_list_that_is_none_is_asked_for_again() -> None:
    answers: list[dict[str, Any]] = [{}, {"elements": {}}]
    for members in answers:
        with pytest.raises(Retryable):
            payloads.elements(members)
