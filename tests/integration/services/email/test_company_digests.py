"""Digests of one company's offers, in that company's words; every other digest in ours."""

import re
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs
from typing_extensions import override

from models.enums import TemplateType
from tasks import bound_tasks
from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.integration.services.support import Platform, settings_for
from worker.kit.database import query, raw
from worker.ledger.executor import Executor
from worker.services.email.rendering import mail_content
from worker.services.email.rendering.rendered import Missing, Rendered
from worker.services.email.templating import template_store
from worker.wiring import Wiring

COMPANY, OTHER_COMPANY = 1, 2
READER = 2
OURS = "1 nouvelle offre pour « Python »"
SIGNING_SECRET = "the secret that signs the links of these tests"


def own_text(platform: Platform, **values: Any) -> int:
    """A default template for digests as an employer saves it."""
    given = {
        "type": "CUSTOM",
        "own_type": "job_alert",
        "subject": "{company_name} : {alert_name}",
        "body": "<p>Bonjour {candidate_first_name}, alerte {frequency}.</p><div>{jobs_list}</div>",
        "is_active": True,
        "is_default": True,
        **values,
    }
    return platform.app(lambda connection: main_web_app.insert_template(connection, "Nos offres", **given))


def sign_links(platform: Platform) -> None:
    platform.settings = settings_for("postgresql://nowhere/none", platform.resend_url, signing_secret=SIGNING_SECRET)
    platform.wiring = Wiring(platform.settings)
    tasks = {each.definition.name: each for each in bound_tasks(platform.wiring)}
    platform.executor = Executor(platform.database, tasks)


def digest(platform: Platform, jobs: list[int], **changes: Any) -> int:
    [identifier] = platform.write(jobs=jobs, **{"user_id": READER, **changes})
    platform.fill()
    return identifier


def delivered(platform: Platform, emulator: ResendEmulator) -> list[dict[str, Any]]:
    platform.drain()
    return [emulator.mail(mail["id"]) for mail in emulator.mails()]


def used(platform: Platform, identifier: int) -> tuple[int | None, int | None]:
    row = platform.row("select template_id, template_version from email_messages where id = %s", identifier)
    return row["template_id"], row["template_version"]


def render(platform: Platform) -> dict[int, Rendered | Missing]:
    def work(connection: Connection) -> dict[int, Rendered | Missing]:
        rows = query(connection, "select * from email_messages order by id")
        return mail_content.render_all(connection, rows, platform.settings)

    return platform.do(work)


def subjects(platform: Platform) -> list[str]:
    return [mail.subject for mail in render(platform).values() if isinstance(mail, Rendered)]


def test_a_companys_own_offers_in_its_own_words(platform: Platform, emulator: ResendEmulator) -> None:
    template_id = own_text(platform)
    jobs = platform.offers(2)
    identifier = digest(platform, jobs, context={"frequency": "weekly"})
    [mail] = delivered(platform, emulator)
    company = platform.row("select name from companies where id = %s", COMPANY)["name"]
    assert mail["subject"] == f"{company} : Python"
    assert "Bonjour Paul, alerte hebdomadaire." in mail["text"]
    for job in jobs:
        address = platform.settings.job_url(job)
        assert f'href="{address}"' in mail["html"]
        assert address in mail["text"]
    assert "parce que vous avez créé cette alerte" in mail["text"]
    assert used(platform, identifier) == (template_id, 1)
    row = platform.row("select usage_count, last_used_at from email_templates where id = %s", template_id)
    assert row["usage_count"] == 1
    assert row["last_used_at"] is not None


def test_the_links_and_headers_that_end_an_alert_stay(platform: Platform, emulator: ResendEmulator) -> None:
    sign_links(platform)
    own_text(platform)
    alert = platform.own_alert(1)
    digest(platform, [platform.offer()], source="alert_digest:1", context={"alert_id": alert})
    [mail] = delivered(platform, emulator)
    headers = mail["headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link in mail["text"]
    assert f'href="{link}"' in mail["html"]
    assert re.search(r"/u/[^/\s]+/preferences", mail["text"])


def others(platform: Platform) -> list[int]:
    return [platform.offer(), platform.offer(company_id=OTHER_COMPANY)]


@pytest.mark.parametrize(
    ("template", "offer", "changes"),
    [
        ({"company_id": OTHER_COMPANY}, {}, {}),
        ({"is_active": False}, {}, {}),
        ({"is_default": False}, {}, {}),
        ({"own_type": "follow_up"}, {}, {}),
        ({"own_type": None}, {}, {}),
        ({"locale": "en"}, {}, {}),
        ({}, {"company_id": OTHER_COMPANY}, {}),
        ({}, {}, {"user_id": None}),
        ({"body": "<p>De nouvelles offres chez {company_name}.</p>"}, {}, {}),
        ({"body": "<p>{nom_du_candidat}</p><div>{jobs_list}</div>"}, {}, {}),
        ({"body": "<div>" * 4000 + "{jobs_list}"}, {}, {}),
        ({"body": "<p>{jobs_list}</p>" + "x" * 100_000}, {}, {}),
        ({"body": "<p>{jobs_list}</p>" * 200}, {}, {}),
        ({"body": "<p>{jobs_list}</p><a href='x:{job_title}'>x</a>"}, {}, {}),
    ],
)
def test_every_other_digest_has_our_layout(
    platform: Platform, template: dict[str, Any], offer: dict[str, Any], changes: dict[str, Any]
) -> None:
    own_text(platform, **template)
    identifier = digest(platform, [platform.offer(**offer)], **changes)
    assert subjects(platform) == [OURS]
    assert used(platform, identifier) == (None, None)


def test_offers_of_two_companies_have_our_layout(platform: Platform) -> None:
    own_text(platform)
    own_text(platform, company_id=OTHER_COMPANY)
    digest(platform, others(platform))
    assert subjects(platform) == ["2 nouvelles offres pour « Python »"]


def test_offers_that_are_counted_and_not_shown_may_be_anybodys(platform: Platform) -> None:
    own_text(platform)
    digest(platform, [platform.offer()], context={"more": 1})
    assert subjects(platform) == ["2 nouvelles offres pour « Python »"]


def test_what_is_shown_decides_when_another_companys_offer_has_closed(platform: Platform) -> None:
    template_id = own_text(platform)
    ours, theirs = others(platform)
    identifier = digest(platform, [ours, theirs])
    platform.change("update jobs set status = 'closed' where id = %s", theirs)
    render(platform)
    assert used(platform, identifier) == (template_id, 1)


def test_a_text_that_lacks_a_value_is_told_once_without_any_value(platform: Platform) -> None:
    template_id = own_text(platform, body="<p>{nom_du_candidat}</p><div>{jobs_list}</div>")
    platform.write(3, jobs=[platform.offer()], user_id=READER)
    with capture_logs() as logged:
        assert subjects(platform) == [OURS] * 3
    assert logged == [
        {
            "event": "digest.template_unfit",
            "log_level": "warning",
            "source": "worker.services.email.rendering.digests",
            "template": template_id,
            "version": 1,
            "reason": "no value for nom_du_candidat",
            "messages": 3,
        }
    ]


def test_an_unfit_text_costs_its_own_company_its_words_and_nobody_a_digest(
    platform: Platform, emulator: ResendEmulator
) -> None:
    own_text(platform, body="<div>" * 4000 + "{jobs_list}")
    own_text(platform, company_id=OTHER_COMPANY, subject="Chez nous")
    for number, job in enumerate(others(platform)):
        platform.write(jobs=[job], source=f"digest:{number}", user_id=READER)
    platform.fill()
    with capture_logs() as logged:
        mails = delivered(platform, emulator)
    assert {mail["subject"] for mail in mails} == {OURS, "Chez nous"}
    assert len(platform.deliveries()) == 1
    [told] = [each for each in logged if each["event"] == "digest.template_unfit"]
    assert "nested deeper than 100" in told["reason"]


@pytest.mark.parametrize("company", [COMPANY, OTHER_COMPANY])
@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("saved", [(), ("fr",), ("en",), ("fr", "en"), ("de",)])
def test_the_text_is_the_one_that_every_other_mail_of_the_type_would_have(
    platform: Platform, company: int, locale: str, saved: tuple[str, ...]
) -> None:
    for each in saved:
        own_text(platform, locale=each)
    identifier = digest(platform, [platform.offer(company_id=company)], locale=locale)
    [mail] = render(platform).values()
    assert isinstance(mail, Rendered)
    chosen, version, _ = platform.do(
        lambda connection: template_store.choose(connection, company, TemplateType.JOB_ALERT, locale)
    )
    assert used(platform, identifier) == (chosen, version)
    speaks = ("fr" if saved == ("fr",) else locale) if chosen else locale
    assert f'lang="{speaks}"' in mail.html
    assert ("Temps plein" in mail.text) == (speaks == "fr")


def test_what_was_chosen_stays_for_a_generation_and_is_chosen_anew_for_the_next(
    platform: Platform, emulator: ResendEmulator
) -> None:
    template_id = own_text(platform)
    job = platform.offer()
    identifier = digest(platform, [job])
    emulator.faults(error_5xx=1, times=1)
    [run] = platform.deliveries()
    platform.step(run["id"])
    assert used(platform, identifier) == (template_id, 1)
    platform.change("update email_templates set subject = 'Neuf', is_default = false where id = %s", template_id)
    platform.step(run["id"])
    [mail] = delivered(platform, emulator)
    assert mail["subject"].endswith(": Python")
    assert used(platform, identifier) == (template_id, 1)
    platform.change("update email_messages set state = 'pending'")
    assert subjects(platform) == [OURS]
    assert used(platform, identifier) == (None, None)


class CountingCursor(psycopg.Cursor[Any]):
    statements = 0

    @override
    def execute(self, *arguments: Any, **options: Any) -> "CountingCursor":
        type(self).statements += 1
        return super().execute(*arguments, **options)


def statements_of_rendering(platform: Platform) -> int:
    def work(connection: Connection) -> int:
        rows = query(connection, "select * from email_messages order by id")
        driver = raw(connection)
        usual, driver.cursor_factory = driver.cursor_factory, CountingCursor
        before = CountingCursor.statements
        try:
            mail_content.render_all(connection, rows, platform.settings)
        finally:
            driver.cursor_factory = usual
        return CountingCursor.statements - before

    return platform.do(work)


def test_a_batch_reads_the_texts_of_all_its_companies_at_once(platform: Platform) -> None:
    own_text(platform)
    own_text(platform, company_id=OTHER_COMPANY, subject="Chez nous")
    jobs = others(platform)
    for number in range(2):
        platform.write(jobs=[jobs[number]], source=f"first:{number}", user_id=READER)
    few = statements_of_rendering(platform)
    for number in range(18):
        platform.write(jobs=[jobs[number % 2]], source=f"second:{number}", user_id=READER)
    assert statements_of_rendering(platform) == few
    assert set(subjects(platform)) == {"Chez nous", "Gabon Numérique : Python"}


def test_other_digests_cost_no_statement_more(platform: Platform) -> None:
    own_text(platform)
    platform.write(3, jobs=others(platform), user_id=READER)
    assert statements_of_rendering(platform) == len(("offers", "names"))
