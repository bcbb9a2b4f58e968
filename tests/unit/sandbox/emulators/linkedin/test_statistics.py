"""LinkedIn: what became of posts."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.unit.sandbox.emulators.linkedin.application import HR, ORGANIZATION, Application

FIGURES = {"impressionCount": 200, "uniqueImpressionsCount": 150, "clickCount": 12, "likeCount": -2, "shareCount": 1}


@pytest.fixture
def token(application: Application) -> str:
    return str(application.connect()["access_token"])


def statistics(application: Application, token: str, more: str = "", organization: str = ORGANIZATION) -> Any:
    target = (
        f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={quote(organization)}"
    )
    response = application.call(token, "GET", f"{target}{more}")
    return json.loads(response.body).get("elements") if response.status == 200 else response.status


def listed(name: str, *urns: str) -> str:
    return f"&{name}=List({','.join(quote(urn) for urn in urns)})"


def test_figures_of_posts(application: Application, token: str) -> None:
    first, second = application.published(token, "Un"), application.published(token, "Deux")
    assert statistics(application, token, listed("shares", first, second)) == []
    application.steer("POST", f"posts/{first}", FIGURES)
    (element,) = statistics(application, token, listed("shares", first, second))
    assert (element["share"], element["organizationalEntity"]) == (first, ORGANIZATION)
    assert element["totalShareStatistics"] == {**FIGURES, "commentCount": 0, "engagement": 11 / 200}
    application.steer("POST", f"posts/{second}", {"likeCount": 5})
    (total,) = statistics(application, token)
    assert (total["totalShareStatistics"]["likeCount"], "share" in total) == (3, False)
    application.faults(no_statistics=1.0, times=1)
    assert statistics(application, token, listed("shares", first)) == []
    assert len(statistics(application, token, listed("shares", first))) == 1
    application.steer("POST", f"posts/{first}", {})
    assert statistics(application, token, listed("shares", first)) == []


def test_posts_of_the_other_kind_have_a_list_of_their_own(application: Application, token: str) -> None:
    share = application.published(token, "Un")
    application.faults(urn_kind="ugcPost")
    other = application.published(token, "Deux")
    for urn in (share, other):
        application.steer("POST", f"posts/{urn}", {"likeCount": 1})
    elements = statistics(application, token, listed("shares", share) + listed("ugcPosts", other))
    assert [(each.get("share"), each.get("ugcPost")) for each in elements] == [(share, None), (None, other)]
    assert statistics(application, token, listed("shares", other)) == 400


@pytest.mark.parametrize(
    "more",
    [
        "&shares=List%28urn%3Ali%3Ashare%3A1%29",
        "&shares=List(urn:li:share:1)",
        "&shares=urn%3Ali%3Ashare%3A1",
    ],
)
def test_lists_that_are_badly_written(application: Application, token: str, more: str) -> None:
    assert statistics(application, token, more) == 400


def test_who_may_count(application: Application, token: str) -> None:
    assert statistics(application, token, organization="urn:li:organization:5515715") == 403
    assert statistics(application, token, organization="urn:li:person:7") == 400
    application.steer("PUT", f"accounts/{HR}", {"roles": [{"organization": 2414183, "role": "CONTENT_ADMINISTRATOR"}]})
    assert statistics(application, token) == 403
    few = application.connect("b@exemple.cm", scope="w_organization_social r_organization_social")["access_token"]
    assert statistics(application, few) == 403


def test_figures_that_make_no_sense(application: Application, token: str) -> None:
    urn = application.published(token)
    for wrong in ({"likes": 1}, {"likeCount": "many"}):
        with pytest.raises(AssertionError):
            application.steer("POST", f"posts/{urn}", wrong)


def test_organisations_come_in_pages(application: Application) -> None:
    roles = [{"organization": number} for number in range(1, 131)]
    application.steer("PUT", f"accounts/{HR}", {"roles": roles})
    token = application.connect()["access_token"]
    target: str | None = "/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=0&count=100"
    sizes = []
    while target:
        page = json.loads(application.call(token, "GET", target).body)
        sizes.append(len(page["elements"]))
        links = {link["rel"]: link["href"].removeprefix("/linkedin") for link in page["paging"]["links"]}
        target = links.get("next")
    assert sizes == [100, 30]
