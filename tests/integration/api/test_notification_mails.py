"""Links below mails about notifications: one click ends one kind for one reader; looking changes nothing."""

from typing import Any

import pytest

from models.enums import NotificationKind
from tests.factories import main_web_app
from tests.factories.api import Api
from worker.kit.database import raw
from worker.kit.settings import Settings
from worker.kit.signing import signer_of
from worker.services.notifications import mail_links
from worker.services.notifications.mail_links import MailGrant

RECRUITER = 1
ONE_CLICK: dict[str, Any] = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def stranger(api: Api) -> Api:
    """Somebody with a mail and no login."""
    with api.database.transaction() as connection:
        main_web_app.populate_people(raw(connection))
    return Api(api.app, api.client, api.database, api.worker)


def path(settings: Settings, kind: NotificationKind = NotificationKind.MENTION, user_id: int = RECRUITER) -> str:
    link = mail_links.link(settings, MailGrant(user_id, kind))
    assert link is not None
    return link.removeprefix(settings.platform_url.rstrip("/"))


def decided(api: Api) -> list[tuple[Any, ...]]:
    rows = api.rows("select user_id, kind, in_app, mail from notification_preferences order by kind")
    return [tuple(row.values()) for row in rows]


def test_one_click_ends_these_mails_and_another_resumes_them(stranger: Api, settings: Settings) -> None:
    link = path(settings)
    shown = stranger.get(link)
    assert (shown.status_code, "Mention dans une note" in shown.text) == (200, True)
    assert "Mention in a note" in stranger.get(f"{link}?lang=en").text
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert decided(stranger) == []
    for _ in range(2):
        assert stranger.call("POST", link, **ONE_CLICK).status_code == 200
        assert decided(stranger) == [(RECRUITER, "mention", None, False)]
    resumed = stranger.call("POST", f"{link}?lang=fr", data={"action": "resume"})
    assert "Ces e-mails reprennent." in resumed.text
    assert decided(stranger) == [(RECRUITER, "mention", None, True)]


def test_a_link_of_somebody_who_is_gone_changes_nothing(stranger: Api, settings: Settings) -> None:
    assert stranger.call("POST", path(settings, user_id=999), **ONE_CLICK).status_code == 200
    assert decided(stranger) == []


@pytest.mark.parametrize(
    "value", ["new_application:1", "nothing:1", "mention:x", "mention:0", "mention:99999999999", ":"]
)
def test_what_we_never_made_is_no_link(stranger: Api, settings: Settings, value: str) -> None:
    assert settings.signing_secret
    signed = signer_of(settings.signing_secret.get_secret_value(), mail_links.SCOPE).sign(value)
    other = signer_of(settings.signing_secret.get_secret_value(), "unsubscribe").sign("mention:1")
    for token in (signed, other, "x"):
        for method in ("GET", "POST"):
            answer = stranger.call(method, f"{mail_links.PATH}/{token}")
            assert (answer.status_code, "lien" in answer.text or "link" in answer.text) == (404, True)
    assert decided(stranger) == []
