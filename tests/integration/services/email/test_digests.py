"""What a digest shows when it is written: what is open then, as people write it, and no more than is read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tasks import bound_tasks
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform, settings_for
from worker.catalogue import alerts
from worker.ledger.executor import Executor
from worker.services.email.recipients import unsubscribing
from worker.wiring import Wiring

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
SECRET = "the secret that signs the links of these tests"
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.fixture
def signing(platform: Platform) -> Platform:
    set_up(platform)
    return platform


def set_up(platform: Platform, **changes: Any) -> None:
    """The platform with a secret for its links, and other settings."""
    platform.close()
    platform.settings = settings_for("postgresql://nowhere/none", platform.resend_url, signing_secret=SECRET, **changes)
    platform.wiring = Wiring(platform.settings)
    tasks = {each.definition.name: each for each in bound_tasks(platform.wiring)}
    platform.executor = Executor(platform.database, tasks)


def only_mail(emulator: ResendEmulator) -> dict[str, Any]:
    [taken] = emulator.mails()
    return emulator.mail(taken["id"])


def matched(platform: Platform) -> None:
    """An alert run up to its mails, none of which is rendered yet."""
    run_id = platform.enqueue(alerts.RUN, alerts.RunAlerts(frequency="daily", period=MONDAY))
    platform.step(run_id)
    platform.step(platform.row("select id from task_runs where parent_id = %s", run_id)["id"])
    platform.step(run_id)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize(("closed", "shown", "more"), [(1, 20, 4), (20, 5, 0), (25, 0, 0), (0, 20, 5), (8, 17, 0)])
def test_an_offer_that_closed_meanwhile_is_replaced_by_the_next_one(
    platform: Platform, emulator: ResendEmulator, *, merged: bool, closed: int, shown: int, more: int
) -> None:
    set_up(platform, alerts_one_mail_per_candidate=merged)
    platform.own_alert(1)
    if merged:
        platform.own_alert(1, "Rien", criteria={"keywords": ["menuisier"]})
    jobs = platform.offers(25)
    matched(platform)
    newest = jobs[::-1]
    platform.change("update jobs set status = 'closed' where id = any(%s)", newest[:closed])
    platform.drain()
    if not shown:
        assert (platform.states(), emulator.mails()) == (["failed"], [])
        return
    mail = only_mail(emulator)
    assert mail["subject"] == f"{shown + more} nouvelles offres pour « Python »"
    assert [job for job in newest if platform.settings.job_url(job) + "\n" in mail["text"]] == newest[closed:][:shown]
    assert (f"Et {more} autre" in mail["text"]) is bool(more)


def test_a_section_replaces_its_own_offers(platform: Platform, emulator: ResendEmulator) -> None:
    set_up(platform, alerts_one_mail_per_candidate=True)
    platform.own_alert(1)
    platform.own_alert(1, "Compta", criteria={"keywords": ["comptable"]})
    platform.offer("Comptable")
    jobs = platform.offers(23)
    matched(platform)
    platform.change("update jobs set status = 'closed' where id = any(%s)", jobs[-2:])
    platform.drain()
    mail = only_mail(emulator)
    assert mail["subject"] == "22 nouvelles offres pour « Python · Compta »"
    assert "PYTHON (et 1 autre)\n" in mail["text"]


def test_a_digest_whose_shown_offers_all_closed_links_to_the_others(
    platform: Platform, emulator: ResendEmulator
) -> None:
    """As the release before wrote it: nothing is known of the others but how many they are."""
    jobs = platform.offers(2)
    run_id = platform.batch(1, jobs=jobs, context={"more": 5})
    platform.change("update jobs set status = 'closed'")
    platform.step(run_id)
    mail = only_mail(emulator)
    assert mail["subject"] == "5 nouvelles offres pour « Python »"
    assert f"À voir ici : {platform.settings.frontend_url}/dashboard/jobs" in mail["text"]
    assert "Voir les 5 offres" in mail["html"]


@pytest.mark.parametrize("count", [1, 5, 10, 50])
def test_a_mail_of_many_alerts_is_shown_whole(signing: Platform, emulator: ResendEmulator, count: int) -> None:
    jobs = signing.offers(20, "Développeur <Python> & Cie " + "é" * 60, location="Libreville, quartier Glass")
    sections = [
        {"alert_id": signing.own_alert(1, f"Alerte {n} " + "& " * 40), "alert_name": f"Alerte {n} " + "& " * 40}
        | {"job_ids": jobs, "more": 0}
        for n in range(count)
    ]
    signing.batch(1, jobs=jobs, user_id=2, context={"sections": sections})
    signing.drain()
    mail = only_mail(emulator)
    assert len(mail["html"].encode()) <= 102_000
    assert "Se désabonner</a>" in mail["html"]
    assert mail["subject"].startswith("20 nouvelles offres")
    headings = [n for n in range(count) if f"ALERTE {n} " in mail["text"]]
    assert headings == list(range(count))
    assert mail["text"].count(signing.settings.job_url(jobs[0]) + "\n") == count


def test_more_alerts_than_a_mail_can_name(signing: Platform, emulator: ResendEmulator) -> None:
    jobs = signing.offers(20)
    alert = signing.own_alert(1)
    names = [f"Alerte {n} " + "x" * 70 for n in range(400)]
    sections = [{"alert_id": alert, "alert_name": name, "job_ids": jobs, "more": 1} for name in names]
    signing.batch(1, jobs=jobs, user_id=2, context={"sections": sections})
    signing.drain()
    mail = only_mail(emulator)
    assert len(mail["html"].encode()) <= 102_000
    assert "Se désabonner</a>" in mail["html"]


def test_one_alert_with_the_longest_offers(signing: Platform, emulator: ResendEmulator) -> None:
    jobs = signing.offers(20, "'" * 180, location='"' * 180)
    signing.change("update companies set name = %s", "'" * 180)
    signing.batch(1, jobs=jobs, user_id=2, context={"alert_id": 17, "alert_name": "&" * 200})
    signing.drain()
    mail = only_mail(emulator)
    assert len(mail["html"].encode()) <= 102_000
    assert mail["subject"].startswith("20 nouvelles offres")


def test_titles_are_shown_without_entities(platform: Platform, emulator: ResendEmulator) -> None:
    platform.own_alert(1, criteria={"keywords": ["R&D"]})
    platform.offer("Responsable R&amp;D &#8211; qualit&eacute;", location="Port-Gentil &amp; Libreville")
    platform.change("update companies set name = 'Okoum&eacute; &amp; Fils'")
    platform.run_alerts("daily", MONDAY)
    mail = only_mail(emulator)
    assert "Responsable R&D – qualité — Okoumé & Fils\nPort-Gentil & Libreville" in mail["text"]
    assert "Responsable R&amp;D – qualité</a>" in mail["html"]
    [notice] = platform.rows("select message from notifications")
    assert "Responsable R&D – qualité" in notice["message"]


@pytest.mark.parametrize("merged", [False, True])
def test_nothing_turns_the_reading_direction(platform: Platform, emulator: ResendEmulator, *, merged: bool) -> None:
    set_up(platform, alerts_one_mail_per_candidate=merged)
    platform.own_alert(1, "Compta \u202eximus", criteria={"keywords": ["comptable"]})
    if merged:
        platform.own_alert(1, "Tout \u2067", criteria={"location": "libreville"})
    platform.offer("Comptable \u202eelbatpmoc senior &#8238;x", location="Libreville \u2066")
    platform.change("update companies set name = %s", "Société \u202dX")
    platform.run_alerts("daily", MONDAY)
    mail = only_mail(emulator)
    notices = [each for row in platform.rows("select title, message from notifications") for each in row.values()]
    for part in (mail["subject"], mail["html"], mail["text"], *notices):
        assert not set(part) & set(TURNING)
        assert "&#8238;" not in part


def test_an_automatic_mail_says_that_it_is_one(platform: Platform, emulator: ResendEmulator) -> None:
    platform.batch(2)
    platform.drain()
    headers = [emulator.mail(mail["id"])["headers"] for mail in emulator.mails()]
    for each in headers:
        assert each["Auto-Submitted"] == "auto-generated"
        assert each["X-Auto-Response-Suppress"] == "All"
        assert each["Precedence"] == "bulk"
    assert len({each["X-Entity-Ref-ID"] for each in headers}) == 2


def test_a_digest_opens_its_own_alert_only(signing: Platform, emulator: ResendEmulator) -> None:
    alert = signing.own_alert(1)
    signing.own_alert(1, "Quitter mon employeur actuel", criteria={"keywords": ["menuisier"]})
    signing.offer()
    signing.run_alerts("daily", MONDAY)
    mail = only_mail(emulator)
    link = unsubscribing.preferences_link(signing.settings, user_id=2, alert_id=alert)
    assert link in mail["text"]
    assert unsubscribing.preferences_link(signing.settings, user_id=2) not in mail["text"] + mail["html"]


def test_a_mail_of_several_alerts_asks_for_a_login_to_show_them(signing: Platform, emulator: ResendEmulator) -> None:
    set_up(signing, alerts_one_mail_per_candidate=True)
    signing.own_alert(1)
    signing.own_alert(1, "Tout", criteria={"location": "libreville"})
    signing.offer()
    signing.run_alerts("daily", MONDAY)
    mail = only_mail(emulator)
    assert f": {unsubscribing.manage_link(signing.settings)}\n" in mail["text"]
    assert "/preferences" not in mail["text"]
    assert unsubscribing.link(signing.settings, user_id=2) in mail["headers"]["List-Unsubscribe"]
