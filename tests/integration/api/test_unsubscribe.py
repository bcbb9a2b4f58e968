"""Links of mails: one click ends an alert, looking changes nothing, and a token reaches what it was made for only."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask_openapi.openapi import OpenAPI
from typing_extensions import override

from tests.factories import main_web_app
from tests.factories.api import Answer, Api
from worker.kit.database import raw
from worker.kit.settings import Settings
from worker.services.email.recipients import unsubscribing

USER, OTHER_USER = 2, 3
CANDIDATE = {USER: 1, OTHER_USER: 2}
ONE_CLICK: dict[str, Any] = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
FREQUENCIES = {"instant": "INSTANT", "daily": "DAILY", "weekly": "WEEKLY", "monthly": "WEEKLY"}


class Recipient:
    """A person with mails and no login."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self.api = Api(api.app, api.client, api.database, api.worker)
        self.settings = settings
        with api.database.transaction() as connection:
            main_web_app.populate_people(raw(connection))

    def alert(self, user_id: int = USER, name: str = "Python à Libreville", **values: Any) -> int:
        with self.api.database.transaction() as connection:
            facts = {"origin": "platform", **values}
            return main_web_app.insert_alert(raw(connection), CANDIDATE[user_id], name, **facts)

    def path(self, alert_id: int | None = None, user_id: int = USER) -> str:
        link = unsubscribing.link(self.settings, user_id=user_id, alert_id=alert_id)
        return link.removeprefix(self.settings.platform_url)

    def click(self, path: str) -> Answer:
        return self.api.call("POST", path, **ONE_CLICK)

    def change(self, path: str, **form: Any) -> Answer:
        return self.api.call("POST", f"{path}/preferences", data={name: str(value) for name, value in form.items()})

    def alerts(self) -> dict[int, tuple[bool, str, str | None]]:
        rows = self.api.rows("select id, is_active, frequency::text as label, own_frequency from job_alerts")
        return {row["id"]: (row["is_active"], row["label"], row["own_frequency"]) for row in rows}

    def stopped(self, user_id: int = USER) -> bool:
        rows = self.api.rows(
            "select 1 from recipient_preferences where user_id = %s and all_alerts_stopped", (user_id,)
        )
        return bool(rows)

    def everything(self) -> tuple[Any, ...]:
        rows = self.api.rows("select * from recipient_preferences")
        return self.api.rows("select * from job_alerts order by id"), rows


@pytest.fixture
def recipient(api: Api, settings: Settings) -> Recipient:
    return Recipient(api, settings)


def test_one_click_ends_an_alert_at_once_and_twice(recipient: Recipient) -> None:
    alert, kept = recipient.alert(), recipient.alert(name="Java")
    for _ in range(2):
        answer = recipient.click(recipient.path(alert))
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert {each: active for each, (active, _, _) in recipient.alerts().items()} == {alert: False, kept: True}
    assert not recipient.stopped()


def test_one_click_ends_all_alerts(recipient: Recipient) -> None:
    recipient.alert()
    for _ in range(2):
        assert recipient.click(recipient.path()).status_code == 200
        assert recipient.stopped()
    assert not recipient.stopped(OTHER_USER)


@pytest.mark.parametrize("body", [{}, {"data": b"\xff\0 anything", "content_type": "application/json"}])
def test_the_body_of_a_click_does_not_matter(recipient: Recipient, body: dict[str, Any]) -> None:
    alert = recipient.alert()
    assert recipient.api.call("POST", recipient.path(alert), **body).status_code == 200
    assert recipient.alerts()[alert][0] is False


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_looking_changes_nothing(recipient: Recipient, method: str) -> None:
    alert = recipient.alert()
    before = recipient.everything()
    for path in (recipient.path(alert), recipient.path()):
        for page in (path, f"{path}/preferences", f"{path}?action=stop_all&alert={alert}"):
            answer = recipient.api.call(method, page)
            assert answer.status_code == (200 if method in {"GET", "HEAD", "OPTIONS"} else 405)
    assert recipient.everything() == before


@pytest.mark.parametrize("frequency", FREQUENCIES)
def test_changing_how_often(recipient: Recipient, frequency: str) -> None:
    alert = recipient.alert()
    answer = recipient.change(recipient.path(alert), action="frequency", alert=alert, frequency=frequency)
    assert answer.status_code == 200
    own = "monthly" if frequency == "monthly" else None
    assert recipient.alerts()[alert] == (True, FREQUENCIES[frequency], own)
    assert f'<option value="{frequency}" selected>' in answer.text


def test_pausing_and_resuming(recipient: Recipient) -> None:
    alert = recipient.alert()
    for action in ("pause", "resume"):
        assert recipient.change(recipient.path(alert), action=action, alert=alert).status_code == 200
        assert recipient.alerts()[alert][0] is (action == "resume")


def test_stopping_all_and_resuming(recipient: Recipient) -> None:
    recipient.alert()
    path = recipient.path()
    recipient.api.rows(
        "insert into recipient_preferences (address, all_alerts_stopped) select lower(email), true from users "
        "where id = %s returning id",
        (USER,),
    )
    assert "Reprendre mes alertes" in recipient.api.get(f"{path}/preferences").text
    assert "Tout arrêter" in recipient.change(path, action="resume_all").text
    assert "Reprendre mes alertes" in recipient.change(path, action="stop_all").text
    assert recipient.stopped()
    assert recipient.change(path, action="resume_all").status_code == 200
    assert recipient.api.rows("select 1 from recipient_preferences where all_alerts_stopped") == []


def test_a_forwarded_link_names_no_other_alert(recipient: Recipient) -> None:
    alert = recipient.alert()
    recipient.alert(name="Quitter mon employeur actuel")
    for path in (recipient.path(alert), recipient.path()):
        for page in (path, f"{path}/preferences"):
            assert "Quitter" not in recipient.api.get(page).text
        assert "Quitter" not in recipient.change(path, action="pause", alert=alert).text
        assert "Quitter" not in recipient.click(path).text


def test_a_token_reaches_its_own_alert_only(recipient: Recipient) -> None:
    alert, other, foreign = recipient.alert(), recipient.alert(name="Java"), recipient.alert(OTHER_USER)
    before = recipient.everything()
    one, every = recipient.path(alert), recipient.path()
    forms: list[tuple[str, dict[str, Any]]] = [
        (one, {"action": "pause", "alert": other}),
        (one, {"action": "pause", "alert": foreign}),
        (one, {"action": "stop_all"}),
        (one, {"action": "resume_all"}),
        (every, {"action": "pause", "alert": alert}),
        (every, {"action": "pause", "alert": foreign}),
        (every, {"action": "frequency", "alert": foreign, "frequency": "weekly"}),
    ]
    for path, form in forms:
        answer = recipient.change(path, **form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    answer = recipient.change(recipient.path(foreign), action="pause", alert=foreign)
    assert "n’existe plus" in answer.text
    assert recipient.everything() == before
    assert "Java" not in recipient.api.get(f"{one}/preferences").text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"action": "x"},
        {"action": "pause"},
        {"action": "pause", "alert": "x"},
        {"action": "pause", "alert": "٣"},
        {"action": "pause", "alert": 2**31},
        {"action": "frequency", "frequency": "daily"},
    ],
)
def test_forms_that_make_no_sense(recipient: Recipient, form: dict[str, Any]) -> None:
    recipient.alert()
    before = recipient.everything()
    assert recipient.change(recipient.path(), **form).status_code == 422
    assert recipient.everything() == before


@pytest.mark.parametrize("frequency", ["", "hourly", "x" * 1000])
def test_frequencies_that_do_not_exist(recipient: Recipient, frequency: str) -> None:
    alert = recipient.alert()
    path = recipient.path(alert)
    assert recipient.change(path, action="frequency", alert=alert, frequency=frequency).status_code == 422


def test_a_deleted_alert_has_a_friendly_page(recipient: Recipient) -> None:
    alert = recipient.alert()
    path = recipient.path(alert)
    recipient.api.rows("delete from job_alerts where id = %s returning id", (alert,))
    for answer in (recipient.api.get(path), recipient.click(path), recipient.api.get(f"{path}/preferences")):
        assert answer.status_code == 200
        assert "Cette alerte n’existe plus" in answer.text
    assert "no longer exists" in recipient.api.get(f"{path}?lang=en").text


def test_an_alert_of_nobody_known_stays_as_it_is(recipient: Recipient) -> None:
    alert = recipient.alert(origin="main")
    assert "n’existe plus" in recipient.click(recipient.path(alert)).text
    assert recipient.alerts()[alert][0] is True


def test_an_account_that_is_gone(recipient: Recipient) -> None:
    path = recipient.path(user_id=999_999)
    assert recipient.click(path).status_code == 200
    assert recipient.api.rows("select 1 from recipient_preferences") == []


@pytest.mark.parametrize("token", ["x", "x.y", "YWxsOjI.AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "é", "a" * 5000])
def test_links_that_we_never_made(recipient: Recipient, token: str) -> None:
    for path in (f"/u/{token}", f"/u/{token}/preferences"):
        for method in ("GET", "POST"):
            answer = recipient.api.call(method, path)
            assert (answer.status_code, answer.mimetype) == (404, "text/html")
            assert "pas valable" in answer.text


def test_without_a_secret_no_link_is_valid(
    make_app: Callable[[Settings], OpenAPI], settings: Settings, recipient: Recipient
) -> None:
    path = recipient.path(recipient.alert())
    app = make_app(settings.model_copy(update={"signing_secret": None}))
    assert app.test_client().post(path).status_code == 404


def test_those_who_guess_are_slowed_down(recipient: Recipient) -> None:
    path = recipient.path(recipient.alert())
    answers = [recipient.api.get(f"/u/guess{number}") for number in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {404}
    assert (answers[60].status_code, answers[60].headers["Retry-After"], answers[60].mimetype) == (
        429,
        "60",
        "text/html",
    )
    assert recipient.click(path).status_code == 200


def test_a_person_can_click_sixty_times(recipient: Recipient) -> None:
    path = recipient.path(recipient.alert())
    answers = [recipient.click(path).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]
    assert recipient.click(recipient.path(user_id=OTHER_USER)).status_code == 200


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "fr"),
        ("", "de", "fr"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("?lang=en", "fr", "en"),
        ("?lang=fr", "en", "fr"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_language(recipient: Recipient, query: str, accepted: str | None, language: str) -> None:
    words = {"fr": "Me désabonner", "en": "Unsubscribe"}
    headers = {"Accept-Language": accepted} if accepted else {}
    text = recipient.api.get(f"{recipient.path(recipient.alert())}{query}", headers=headers).text
    assert f'<html lang="{language}">' in text
    assert words[language] in text


class Outline(HTMLParser):
    """What a screen reader needs to find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def test_pages_are_strict_and_readable(recipient: Recipient) -> None:
    alert = recipient.alert(name='<script>alert(1)</script> "x"')
    for page in (recipient.path(alert), f"{recipient.path(alert)}/preferences", f"{recipient.path()}/preferences"):
        answer = recipient.api.get(page)
        outline = Outline(answer.text)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert [len(outline.of(name)) for name in ("h1", "main", "title", "script", "style")] == [1, 1, 1, 0, 0]
        assert not [1 for _, attributes in outline.tags if "style" in attributes]
        labelled = {each["for"] for each in outline.of("label")}
        assert labelled == {each["id"] for each in outline.of("select")}
        names = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
        assert len(names) == len(set(names))
        assert {form["method"] for form in outline.of("form")} == {"post"}
        assert "<script>alert" not in answer.text
