"""Pages at which an account may post, pictures, and what became of posts."""

import json
from typing import Any

import pytest

from tests.contracts.linkedin.conftest import (
    DIRECTION,
    HR,
    NOBODY,
    OTHER_PAGE,
    PAGE,
    Connect,
    MakeNetwork,
    Recruiter,
    offer,
)
from tests.factories.emulators import LinkedInEmulator
from tests.factories.peers import Page, site
from worker.contracts.accounts import ScopeMissing
from worker.contracts.channels import Figures, Picture, Target
from worker.kit.errors import Refused, Retryable, UnknownOutcome

POST = offer()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x02\x73\x08\x02\0\0\0"
JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\x02\x73\x04\xb0\x03" + b"\0" * 9


@pytest.mark.parametrize("old_name", [False, True])
@pytest.mark.parametrize(
    ("account", "pages"),
    [
        (HR, [Target(PAGE, "Exemple SA")]),
        (DIRECTION, [Target(PAGE, "Exemple SA"), Target(OTHER_PAGE, "Exemple Conseil")]),
        (NOBODY, []),
    ],
)
def test_pages_of_an_account(
    connect: Connect, linkedin: LinkedInEmulator, account: str, pages: list[Target], *, old_name: bool
) -> None:
    linkedin.faults(old_name=old_name)
    assert list(connect(account).targets()) == pages


def test_only_roles_that_may_post_count_and_pages_go_on(connect: Connect, linkedin: LinkedInEmulator) -> None:
    roles: list[dict[str, Any]] = [
        {"organization": 1, "role": "CONTENT_ADMINISTRATOR", "name": "Édition"},
        {"organization": 2, "role": "DIRECT_SPONSORED_CONTENT_POSTER"},
        {"organization": 3, "role": "ANALYST"},
        *({"organization": number} for number in range(100, 220)),
    ]
    linkedin.steer("PUT", f"accounts/{HR}", roles=roles)
    found = list(connect().targets())
    assert len(found) == 121
    assert found[0] == Target("urn:li:organization:1", "Édition")
    assert found[19].name == "Organisation 118"
    assert found[-1] == Target("urn:li:organization:219", "LinkedIn 219"), (
        "names are asked for as long as it is worth it"
    )
    assert linkedin.counters()["organizationAcls"] == 2
    assert linkedin.counters()["organizations"] == 20


def test_a_page_whose_name_is_not_told_is_a_page(connect: Connect, linkedin: LinkedInEmulator) -> None:
    linkedin.faults(only="organizations", access_denied=1.0)
    assert [target.name for target in connect(DIRECTION).targets()] == ["LinkedIn 2414183", "LinkedIn 5515715"]


def test_without_the_scope_pages_cannot_be_listed(connect: Connect) -> None:
    with pytest.raises(ScopeMissing):
        connect(scopes="w_organization_social r_organization_social").targets()


@pytest.mark.parametrize(("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_picture_stands_on_the_card(
    recruiter: Recruiter, linkedin: LinkedInEmulator, content: bytes, media_type: str
) -> None:
    name = recruiter.network.upload_picture(recruiter.token, PAGE, Picture(content, media_type))
    recruiter.publish(offer(picture=name))
    [shown] = linkedin.posts()
    assert shown["card"]["thumbnail"] == name
    [image] = linkedin.images()
    assert (image["urn"], image["owner"], image["bytes"]) == (name, PAGE, len(content))


@pytest.mark.parametrize(
    ("content", "media_type", "uploads"),
    [
        (b"<!doctype html><title>503</title>", "image/png", 1),
        (PNG + b"\0" * 6 * 1024 * 1024, "image/png", 1),
        (PNG + b"\0" * 12 * 1024 * 1024, "image/png", 0),
        (b"<svg/>", "image/svg+xml", 0),
    ],
)
def test_a_bad_picture_is_refused_with_a_sentence(
    recruiter: Recruiter, linkedin: LinkedInEmulator, content: bytes, media_type: str, uploads: int
) -> None:
    with pytest.raises(Refused):
        recruiter.network.upload_picture(recruiter.token, PAGE, Picture(content, media_type))
    assert linkedin.counters().get("images.upload", 0) == uploads


@pytest.mark.parametrize("operation", ["images.initialize", "images.upload"])
def test_an_upload_may_be_tried_again(recruiter: Recruiter, linkedin: LinkedInEmulator, operation: str) -> None:
    linkedin.faults(only=operation, drop_after=1.0)
    picture = Picture(PNG, "image/png")
    with pytest.raises(Retryable):
        recruiter.network.upload_picture(recruiter.token, PAGE, picture)
    linkedin.faults()
    assert recruiter.network.upload_picture(recruiter.token, PAGE, picture).startswith("urn:li:image:")


def test_figures_of_both_kinds_of_posts(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    share = recruiter.publish(POST).id
    linkedin.faults(urn_kind="ugcPost")
    other, unseen = recruiter.publish(offer(13)).id, recruiter.publish(offer(14)).id
    counted = {"impressionCount": 120, "uniqueImpressionsCount": 80, "clickCount": 7, "likeCount": -1}
    linkedin.react(share, **counted, commentCount=2, shareCount=1)
    linkedin.react(other, likeCount=5)
    told = recruiter.network.statistics(recruiter.token, PAGE, [share, other, unseen, "7"])
    assert told == {
        share: Figures(120, 80, 7, 0, 2, 1),
        other: Figures(0, 0, 0, 5, 0, 0),
        unseen: Figures(0, 0, 0, 0, 0, 0),
    }


def test_many_posts_are_asked_for_in_parts(recruiter: Recruiter, linkedin: LinkedInEmulator) -> None:
    ids = [f"urn:li:share:{number}" for number in range(120)]
    assert set(recruiter.network.statistics(recruiter.token, PAGE, ids)) == set(ids)
    assert linkedin.counters()["statistics"] == 3


def test_figures_are_for_administrators(connect: Connect, linkedin: LinkedInEmulator) -> None:
    linkedin.steer("PUT", f"accounts/{HR}", roles=[{"organization": 2414183, "role": "CONTENT_ADMINISTRATOR"}])
    editor = connect()
    made = editor.publish(POST)
    with pytest.raises(ScopeMissing):
        editor.network.statistics(editor.token, PAGE, [made.id])


@pytest.mark.parametrize(
    ("status", "text"),
    [(200, "<html>"), (200, "[]"), (200, "{}"), (200, '{"elements": 7}'), (302, ""), (404, "<html>"), (999, "")],
)
def test_lists_of_nobody_knows_whom_are_asked_for_again(make_network: MakeNetwork, status: int, text: str) -> None:
    with site(lambda _: (status, text, {})) as url:
        recruiter = Recruiter(make_network(url=url), "token")
        for ask in (recruiter.targets, lambda: recruiter.find(POST)):
            with pytest.raises(Retryable):
                ask()


@pytest.mark.parametrize("name", ["", "7", "urn:li:activity:7", "urn:li:share:7; x"])
def test_an_id_that_cannot_be_is_no_id(make_network: MakeNetwork, name: str) -> None:
    with site(lambda _: (201, "", {"x-restli-id": name})) as url, pytest.raises(UnknownOutcome):
        Recruiter(make_network(url=url), "token").publish(POST)


def test_an_id_may_come_encoded(make_network: MakeNetwork) -> None:
    with site(lambda _: (201, "", {"X-RestLi-Id": "urn%3Ali%3Ashare%3A7"})) as url:
        assert Recruiter(make_network(url=url), "token").publish(POST).id == "urn:li:share:7"


@pytest.mark.parametrize("message", ["Duplicate", "Content is a duplicate of urn:li:share:7"])
def test_a_duplicate_that_is_not_shown_may_be_ours(make_network: MakeNetwork, message: str) -> None:
    refused = json.dumps({"message": message, "errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]}})
    pages: dict[str, Page] = {
        "/rest/posts": (422, refused, {}),
        "/rest/posts/urn%3Ali%3Ashare%3A7": (200, '{"id": "urn:li:share:8"}', {}),
    }
    with site(lambda path: pages[path.partition("?")[0]]) as url, pytest.raises(UnknownOutcome):
        Recruiter(make_network(url=url), "token").publish(POST)


@pytest.mark.parametrize(
    "address", ["https://linkedin.com.evil.example/x", "http://www.linkedin.com/x", "https://[", 7]
)
def test_the_token_goes_to_nobody_else(make_network: MakeNetwork, address: Any) -> None:
    told = json.dumps({"value": {"uploadUrl": address, "image": "urn:li:image:7"}})
    with site(lambda _: (200, told, {})) as url, pytest.raises(Retryable):
        make_network(url=url).upload_picture("token", PAGE, Picture(PNG, "image/png"))
