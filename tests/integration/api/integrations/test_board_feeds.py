"""Feeds for job boards, from the recruiter's request for an address to the board's fetches."""

import gzip
import os
import time
from typing import Any
from xml.parsers import expat

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from benchmarks.measure import proportional_memory
from models.enums import IntegrationProvider, PostingChannel, PostingState
from tests.factories import main_web_app
from tests.integration.api import repeating
from tests.integration.api.integrations.conftest import (
    CANDIDATE,
    COLLEAGUE,
    COMPANY,
    FOREIGNER,
    OTHER_COMPANY,
    RECRUITER,
    URL,
    Connecting,
)
from tests.means import MEMORY_METER
from worker.kit.database import execute
from worker.services.integrations import board_feeds, rotating, unreadable
from worker.services.publishing import rows
from worker.services.publishing.boards import postings as boards
from worker.services.publishing.boards.postings import ConfirmationRefused

KEY = {"Idempotency-Key": "the feed of Jobberman"}
XML = "application/xml; charset=utf-8"
REFERENCES = {"indeed": "referencenumber", "careerjet": "job_reference"}
FAMILY = "Cuisinier \N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
ODD = {"Chef\x03 de chantier": "Chef de chantier", "R&D <Lead>": "R&D <Lead>", FAMILY: FAMILY, "a ]]> b": "a ]]> b"}


class Board:
    """A job board that was given the addresses of a company's feed."""

    def __init__(self, connecting: Connecting, name: str = "jobberman", user_id: int = RECRUITER) -> None:
        self.connecting = connecting
        answer = connecting.user(user_id).post(f"{URL}/{name}/feed")
        assert answer.status_code == 201, answer.text
        self.addresses = {layout: answer.json[f"{layout}_url"] for layout in REFERENCES}

    def fetch(self, layout: str = "indeed", method: str = "GET", **headers: str) -> TestResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.open(layout, method=method, headers=sent, buffered=True)

    def open(self, layout: str, **options: Any) -> TestResponse:
        """Nothing of the feed is read yet."""
        path = self.addresses[layout].removeprefix(self.connecting.settings.platform_url)
        return self.connecting.api.app.test_client().open(path, **options)

    def jobs(self, layout: str = "indeed") -> dict[int, dict[str, str]]:
        """What the feed says of each offer, by its number."""
        answer = self.fetch(layout)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, XML), answer.text
        root = etree.fromstring(answer.data)
        return {
            int(job.findtext(REFERENCES[layout]) or 0): {each.tag: each.text or "" for each in job.iter()}
            for job in root.iterfind("job")
        }


def publish_many(connecting: Connecting, count: int, description: str) -> None:
    connecting.rows(
        """
        with made as (
            insert into jobs (employer_id, company_id, title, description, job_type, location_type, status, posted_at)
            select 1, %s, 'Poste ' || n, %s, 'full_time', 'on_site', 'published', now() from generate_series(1, %s) n
            returning id)
        insert into job_postings (job_id, channel, state) select id, 'JOBBERMAN', 'exported' from made returning id
        """,
        COMPANY,
        description,
        count,
    )


def publish(connecting: Connecting, title: str, channel: str = "JOBBERMAN", **values: Any) -> tuple[int, int]:
    """An offer that is exported to a board; its id and its posting's."""
    job = connecting.app(lambda connection: main_web_app.insert_job(connection, title, **values))
    posting = connecting.app(
        lambda connection: main_web_app.insert(connection, "job_postings", job_id=job, channel=channel, is_active=True)
    )
    with connecting.api.database.transaction() as connection:
        rows.mark_standing(connection, posting, PostingState.EXPORTED)
    return job, posting


def state_of(connecting: Connecting, posting: int) -> str:
    state: str = connecting.rows("select state from job_postings where id = %s", posting)[0]["state"]
    return state


def confirm(connecting: Connecting, posting: int, address: str) -> None:
    with connecting.api.database.transaction() as connection:
        boards.confirm(connection, posting, address, f"user:{RECRUITER}")


def test_one_odd_offer_leaves_1_999_others_on_the_board(connecting: Connecting) -> None:
    odd = {publish(connecting, title)[0]: read for title, read in ODD.items()}
    publish_many(connecting, 2_000 - len(odd), "Description")
    site = "https://okoume.example/?a=1&b=2&c=3"
    connecting.rows("update companies set website_url = %s where id = %s returning id", site, COMPANY)
    board = Board(connecting)
    for layout in REFERENCES:
        told = board.jobs(layout)
        assert len(told) == 2_000
        assert {job: told[job]["title"] for job in odd} == odd
        assert {each["url"].partition("?ref=p-")[1] for each in told.values()} == {"?ref=p-"}
    assert {each["company_url"] for each in told.values()} == {site}


def test_a_feed_holds_what_is_open_on_its_board_and_is_its_company_s(connecting: Connecting) -> None:
    shown, posting = publish(connecting, "Montré")
    _, ended = publish(connecting, "Annonce terminée")
    connecting.rows("update job_postings set expires_at = now() where id = %s returning id", ended)
    publish(connecting, "Fermé", status="closed")
    publish(connecting, "Brouillon", status="draft")
    publish(connecting, "Expiré", expires_at="2020-01-01T00:00:00Z")
    foreign, _ = publish(connecting, "D’ailleurs", company_id=OTHER_COMPANY)
    elsewhere, _ = publish(connecting, "Autre site", channel="BRIGHTERMONDAY")
    _, withdrawn = publish(connecting, "Retiré")
    connecting.rows("update job_postings set state = 'withdrawn' where id = %s returning id", withdrawn)
    connecting.app(lambda connection: main_web_app.insert_job(connection, "Jamais exporté"))
    feeds = {
        "ours": Board(connecting),
        "other board": Board(connecting, "BrighterMonday"),
        "theirs": Board(connecting, user_id=FOREIGNER),
    }
    for layout in REFERENCES:
        assert {name: set(board.jobs(layout)) for name, board in feeds.items()} == {
            "ours": {shown},
            "other board": {elsewhere},
            "theirs": {foreign},
        }
    [told] = feeds["ours"].jobs().values()
    assert told["url"] == f"https://platform.example/carrieres/1-gabon-numerique/{shown}-montre?ref=p-{posting}"
    assert all(board.fetch(layout).text.count("ailleurs") == 0 for board in [feeds["ours"]] for layout in REFERENCES)


def test_an_offer_s_way_from_the_feed_to_the_board(connecting: Connecting) -> None:
    job, posting = publish(connecting, "Comptable")
    board = Board(connecting)
    assert state_of(connecting, posting) == "exported"
    assert board.fetch(method="HEAD").status_code == 200
    assert state_of(connecting, posting) == "exported", "who asks for the head has no offer yet"
    tag = board.fetch().headers["ETag"]
    assert state_of(connecting, posting) == "awaiting_partner"
    assert connecting.status()["jobberman"]["last_used_at"] is not None

    _, second = publish(connecting, "Caissier")
    board.fetch(If_None_Match=tag)
    assert state_of(connecting, second) == "awaiting_partner"

    _, never = publish(connecting, "Ailleurs", channel="LINKEDIN")
    for wrong in ("", "example.org/7", "javascript:alert(1)", "https://", "https://a b", f"https://x/{'y' * 2000}"):
        with pytest.raises(ConfirmationRefused, match="external_url") as refused:
            confirm(connecting, posting, wrong)
        assert refused.value.why == "address"
    with pytest.raises(ConfirmationRefused, match="waits for nobody") as refused:
        confirm(connecting, never, "https://www.jobberman.example/7")
    assert refused.value.why == "state"
    assert state_of(connecting, posting) == "awaiting_partner"

    confirm(connecting, posting, " https://www.jobberman.example/listings/7?x=1&y=2 ")
    [row] = connecting.rows("select state, external_url, posted_at from job_postings where id = %s", posting)
    assert (row["state"], row["external_url"]) == ("published", "https://www.jobberman.example/listings/7?x=1&y=2")
    assert row["posted_at"] is not None
    assert job in board.jobs()
    connecting.rows("update jobs set status = 'closed' where id = %s returning id", job)
    assert job not in board.jobs()
    assert job not in board.jobs("careerjet")


def test_what_a_board_has_is_not_sent_again(connecting: Connecting) -> None:
    job, _ = publish(connecting, "Comptable")
    board = Board(connecting)
    first = board.fetch()
    assert first.headers["ETag"].startswith("W/")
    assert first.headers["Vary"] == "Accept-Encoding"
    again = board.fetch(If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    squeezed = board.fetch(Accept_Encoding="gzip, deflate")
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert etree.fromstring(gzip.decompress(squeezed.data)).findtext("job/title") == "Comptable"
    assert (squeezed.headers["Content-Type"], squeezed.headers["ETag"]) == (XML, first.headers["ETag"])
    assert "Content-Encoding" not in board.fetch(Accept_Encoding="gzip;q=0").headers
    assert board.fetch("careerjet").headers["ETag"] != first.headers["ETag"]
    tags = {first.headers["ETag"]}
    for change in (
        "update jobs set title = 'Comptable senior' where id = %s returning id",
        "update companies set name = 'Gabon Num' where id = 1 and %s > 0 returning id",
        "update jobs set status = 'closed' where id = %s returning id",
    ):
        connecting.rows(change, job)
        tags.add(board.fetch().headers["ETag"])
    assert len(tags) == 4


def test_an_offer_expires_out_of_the_feed_without_a_write(connecting: Connecting) -> None:
    publish(connecting, "Reste")
    board = Board(connecting)
    seconds, shown, tag, job = 2, False, "", 0
    while not shown:
        job, _ = publish(connecting, "Expire bientôt")
        expires = (
            "update jobs set expires_at = clock_timestamp() + make_interval(secs => %s) where id = %s returning id"
        )
        connecting.rows(expires, seconds, job)
        answer = board.fetch()
        shown, tag, seconds = "Expire bientôt" in answer.text, answer.headers["ETag"], seconds * 2
    until = time.monotonic() + 60
    while (answer := board.fetch(If_None_Match=tag)).status_code == 304:
        assert time.monotonic() < until
        time.sleep(0.5)
    assert answer.status_code == 200
    assert job not in board.jobs()
    assert "Reste" in answer.text


def test_whoever_knows_no_living_address_is_told_so_in_plain_text(connecting: Connecting) -> None:
    publish(connecting, "Comptable")
    old = Board(connecting)
    new = Board(connecting)
    assert old.addresses != new.addresses
    assert connecting.user(COLLEAGUE).get(f"{URL}/jobberman/feed").json["indeed_url"] == new.addresses["indeed"]
    [row] = connecting.rows("select id, access_token from integration_credentials")
    secret = new.addresses["indeed"].split("/")[-2].partition(".")[2]
    assert secret not in row["access_token"]
    client = connecting.api.app.test_client()
    wrong = [
        "x",
        f"{row['id']}.{'A' * 43}",
        f"{row['id']}.{secret[:-1]}",
        f"0.{secret}",
        f"9999999999.{secret}",
        secret,
    ]
    answers = [client.get(f"/feeds/{token}/indeed.xml") for token in wrong]
    for answer in (*answers, old.fetch(), old.fetch("careerjet")):
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
        assert "Comptable" not in answer.text
    assert len(new.jobs()) == 1

    assert connecting.recruiter.call("DELETE", f"{URL}/jobberman/feed").status_code == 204
    assert new.fetch().status_code == 404
    newest = Board(connecting)
    answer = connecting.recruiter.call("DELETE", f"{URL}/jobberman/disconnect")
    assert (answer.status_code, answer.json) == (200, {"message": "Jobberman disconnected"})
    assert [each.fetch(layout).status_code for each in (old, new, newest) for layout in REFERENCES] == [404] * 6
    assert connecting.rows("select id from integration_credentials where access_token <> ''") == []
    assert Board(connecting).fetch().status_code == 200
    assert len(connecting.credentials()) == 1, "one row for each company and board"
    kept = connecting.rows("select action from audit_log where action like 'feed.%%' order by id")
    assert [each["action"] for each in kept] == [
        *("feed.renew", "feed.renew", "feed.end", "feed.renew", "feed.end", "feed.renew")
    ]


def test_only_the_company_s_recruiters_have_its_feed(connecting: Connecting) -> None:
    feed = f"{URL}/jobberman/feed"
    empty = connecting.recruiter.get(feed).json
    assert (empty["state"], empty["indeed_url"], empty["connected_at"]) == ("disconnected", None, None)
    first = connecting.recruiter.post(feed, headers=KEY)
    again = connecting.recruiter.post(feed, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json["indeed_url"] == again.json["indeed_url"] is not None
    Board(connecting, "brightermonday")
    for asked, user_id in zip(repeating.FEEDS, (RECRUITER, COLLEAGUE), strict=True):
        other = asked._replace(values=("jobberman" if asked.values == ("brightermonday",) else "brightermonday",))
        repeating.check(connecting.user(user_id), asked, other, "audit_log", "integration_credentials")
    first = connecting.recruiter.get(feed)
    stored = connecting.rows("select answer::text as answer from task_keys where answer is not null")
    assert [row for row in stored if "/feeds/" in row["answer"]] == []
    assert connecting.user(FOREIGNER).get(feed).json["indeed_url"] is None
    assert connecting.user(FOREIGNER).call("DELETE", feed).status_code == 204
    assert connecting.recruiter.get(feed).json["indeed_url"] == first.json["indeed_url"]
    told = connecting.status()
    assert {name: told[name]["is_connected"] for name in ("jobberman", "brightermonday")} == {
        "jobberman": True,
        "brightermonday": False,
    }
    assert "/feeds/" not in str(told)
    for method in ("GET", "POST", "DELETE"):
        assert connecting.user(CANDIDATE).call(method, feed).status_code == 403
        assert connecting.api.app.test_client().open(feed, method=method).status_code == 401
        assert connecting.recruiter.call(method, f"{URL}/linkedin/feed").status_code == 400


def test_keys_are_replaced_beneath_a_living_feed(connecting: Connecting) -> None:
    board = Board(connecting)
    vault = connecting.vault
    with connecting.api.database.transaction() as connection:
        rotating.rotate(connection, vault)
        assert unreadable.look(connection, vault).unreadable == ()
        found = board_feeds.credential_of(connection, COMPANY, IntegrationProvider.JOBBERMAN)
    assert board.fetch().status_code == 200
    [row] = connecting.credentials()
    assert (found, row["encryption_key"]) == (row["id"], vault.current_key)
    with connecting.api.database.transaction() as connection:
        assert [each for each in PostingChannel if boards.has_feed(connection, COMPANY, each)] == [
            PostingChannel.JOBBERMAN
        ]
        assert not boards.has_feed(connection, OTHER_COMPANY, PostingChannel.JOBBERMAN)

    connecting.rows("update integration_credentials set access_token = 'gAAAAAnone' returning id")
    answer = board.fetch()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3600")
    shown = connecting.recruiter.get(f"{URL}/jobberman/feed").json
    assert (shown["state"], shown["indeed_url"]) == ("needs_reconnect", None)
    assert connecting.status()["jobberman"]["state"] == "needs_reconnect"
    assert Board(connecting).fetch().status_code == 200


def test_a_feed_that_cannot_be_made_whole_is_no_answer(connecting: Connecting) -> None:
    _, posting = publish(connecting, "Comptable")
    board = Board(connecting)
    with connecting.api.database.transaction() as connection:
        execute(connection, "alter table jobs rename column profil_autre to elsewhere")
    answer = board.fetch(Accept_Encoding="gzip")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert state_of(connecting, posting) == "exported"


@MEMORY_METER.mark
@pytest.mark.parametrize("count", [5_000, pytest.param(50_000, marks=pytest.mark.full)])
def test_a_feed_takes_no_more_memory_however_many_offers_it_has(connecting: Connecting, count: int) -> None:
    board = Board(connecting)
    text = "Une phrase de la description de ce poste. " * 60
    publish_many(connecting, 5, text)
    board.fetch()
    publish_many(connecting, count - 5, text)
    found, size, highest = 0, 0, 0
    parser = expat.ParserCreate()

    def begin(name: str, _attributes: object) -> None:
        nonlocal found
        found += name == "job"

    parser.StartElementHandler = begin
    before = proportional_memory(os.getpid())
    with board.open("indeed") as answer:
        for number, piece in enumerate(answer.iter_encoded()):
            parser.Parse(piece)
            size += len(piece)
            if number % 20 == 0:
                highest = max(highest, proportional_memory(os.getpid()))
    parser.Parse(b"", True)
    assert found == count
    assert size > 2_500 * count
    assert highest - before < 10_000_000
