"""What the bell says comes by mail to whoever wants that: once, in his language, and not when he has read it."""

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import SecretStr

from models.enums import NotificationKind
from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform
from worker.catalogue.notifications import NOTIFY, Notify
from worker.services.email.rendering.rendered import Rendered
from worker.services.notifications import mails, preferences, reading, writing
from worker.services.notifications.preferences import Choice
from worker.services.notifications.writing import NewNotification

RECRUITER, COLLEAGUE = 1, 4
MENTION = NotificationKind.MENTION


@pytest.fixture
def application(platform: Platform) -> int:
    job = platform.offer("Comptable")
    platform.change("insert into recipient_preferences (user_id, locale) values (%s, 'en')", COLLEAGUE)
    return platform.app(lambda connection: main_web_app.insert_application(connection, job, 1))


def mention(platform: Platform, application: int, users: Sequence[int] = (RECRUITER,)) -> None:
    new = [NewNotification(user, "Léa <vous> mentionne", "Voyez la note", None, application) for user in users]
    platform.do(lambda connection: writing.write(connection, MENTION, new))


def choose(platform: Platform, kind: NotificationKind = MENTION, **choice: bool) -> None:
    platform.do(lambda connection: preferences.decide(connection, RECRUITER, [(kind, Choice(**choice))]))


def send(platform: Platform) -> None:
    platform.fill()
    platform.drain()


def sent(platform: Platform, emulator: ResendEmulator) -> list[dict[str, Any]]:
    send(platform)
    return sorted((emulator.mail(each["id"]) for each in emulator.mails()), key=lambda mail: str(mail["to"]))


def test_several_mentions_are_one_mail_in_each_readers_language(
    platform: Platform, emulator: ResendEmulator, application: int
) -> None:
    mention(platform, application, (RECRUITER, COLLEAGUE))
    mention(platform, application)
    french, english = sent(platform, emulator)
    assert (french["to"], english["to"]) == (["awa.mba@example.org"], ["sans.ligne@example.org"])
    assert french["subject"] == "2 mentions de vous"
    assert english["subject"] == "Léa <vous> mentionne"
    assert "Léa &lt;vous&gt; mentionne" in english["html"]
    assert "Léa <vous> mentionne" in english["text"]
    for mail, link, reason in (
        (french, "Voir sur IntoWork", "au titre de vos notifications « Mention dans une note »"),
        (english, "See it on IntoWork", "because of your notifications “Mention in a note”"),
    ):
        assert link in mail["html"]
        assert f"{link}\nhttp://localhost:3000/dashboard/applications\n" in mail["text"]
        assert reason in mail["text"]
        assert "/dashboard/notifications" in mail["text"]
        assert mail["headers"]["Auto-Submitted"] == "auto-generated"
    # Where links can be signed, one click ends these mails.
    rows, signing = platform.mails(), platform.settings.model_copy(update={"signing_secret": SecretStr("a secret")})
    for rendered in platform.do(lambda connection: mails.render(connection, rows, signing)).values():
        assert isinstance(rendered, Rendered)
        assert rendered.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert rendered.headers["List-Unsubscribe"].strip("<>") in rendered.text
    # Nothing more comes of it, however often the mail room looks.
    mention(platform, application)
    assert len(sent(platform, emulator)) == 2
    assert platform.states() == ["sent", "sent"]


def test_preferences_decide_and_are_asked_again_before_it_is_sent(
    platform: Platform, emulator: ResendEmulator, application: int
) -> None:
    choose(platform, mail=False)
    mention(platform, application)
    assert platform.mails() == []
    # Not in the bell, by mail all the same.
    choose(platform, mail=True, in_app=False)
    mention(platform, application)
    assert len(sent(platform, emulator)) == 1
    found = platform.do(lambda connection: reading.find(connection, RECRUITER, unread_only=False, limit=9, offset=0))
    assert (found.total, found.unread) == (1, 1)
    # Written while it was wanted, and no longer wanted when it would be sent.
    choose(platform, NotificationKind.POST_FAILED, mail=True)
    failed = NewNotification(RECRUITER, "Offre non publiée", "Voyez pourquoi")
    for _ in range(2):
        platform.do(lambda connection: writing.write(connection, NotificationKind.POST_FAILED, [failed]))
    newest = platform.row("select max(id) as id from notifications")["id"]
    platform.do(lambda connection: reading.mark_read(connection, RECRUITER, newest))
    choose(platform, NotificationKind.POST_FAILED, mail=False)
    assert len(sent(platform, emulator)) == 1
    assert [(row["state"], row["error"]) for row in platform.mails()[1:]] == [
        ("suppressed", mails.UNWANTED),
        ("suppressed", mails.READ),
    ]
    # Of neither kind anything is written where nothing is wanted.
    choose(platform, NotificationKind.POST_PUBLISHED, in_app=False)
    before = platform.rows("select id from notifications")
    published = NewNotification(RECRUITER, "En ligne", "Texte", None)
    platform.do(lambda connection: writing.write(connection, NotificationKind.POST_PUBLISHED, [published]))
    assert platform.rows("select id from notifications") == before


def test_a_lost_connection_is_told_in_the_bell_and_by_mail(platform: Platform, emulator: ResendEmulator) -> None:
    platform.enqueue(NOTIFY, Notify(kind="connection_lost", user_ids=[RECRUITER, COLLEAGUE], provider="google"))
    platform.change("insert into recipient_preferences (user_id, locale) values (%s, 'en')", COLLEAGUE)
    platform.drain()
    told = platform.rows("select user_id, type::text, kind, title from notifications order by user_id")
    assert [tuple(row.values()) for row in told] == [
        (RECRUITER, "SYSTEM", "connection_lost", "Google Calendar : connexion perdue"),
        (COLLEAGUE, "SYSTEM", "connection_lost", "Google Calendar: connection lost"),
    ]
    assert [mail["subject"] for mail in sent(platform, emulator)] == [row["title"] for row in told]
