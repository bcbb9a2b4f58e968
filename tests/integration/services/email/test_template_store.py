"""Employers' templates: which one is chosen, what stays of its versions, and what the main web app's writes do."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection

from models.enums import TemplateType
from tests.factories import main_web_app
from tests.integration.services.support import Platform
from worker.kit.database import execute, libpq_url
from worker.kit.errors import Permanent
from worker.services.email.templating import library, template_changes, template_store
from worker.services.email.templating.template_changes import NewTemplate
from worker.services.email.templating.template_rows import TemplateView
from worker.services.email.templating.template_rules import InvalidTemplate

KIND = TemplateType.OFFER_LETTER
AUTHOR = 1
MOST = 100


def make(platform: Platform, company_id: int = 1, **members: Any) -> TemplateView:
    new = NewTemplate(**{"name": "Offre", "kind": KIND, "subject": "Offre", "body": "<p>Offre</p>", **members})
    return platform.do(lambda it: template_changes.create(it, company_id, new, author=AUTHOR, most=MOST))


def change(platform: Platform, template_id: int, **changes: Any) -> TemplateView:
    found = platform.do(lambda connection: template_changes.change(connection, 1, template_id, changes, author=AUTHOR))
    assert found is not None
    return found


def chosen(platform: Platform, locale: str = "fr", *, company_id: int | None = 1, kind: TemplateType = KIND) -> Any:
    return platform.do(lambda connection: template_store.choose(connection, company_id, kind, locale))


def defaults(platform: Platform) -> list[int]:
    return [row["id"] for row in platform.rows("select id from email_templates where is_default order by id")]


def test_the_fallback_of_languages(platform: Platform) -> None:
    french, english = (library.built_in(KIND, locale) for locale in ("fr", "en"))
    for locale, ours in (("fr", french), ("en", english), ("pt", french)):
        template_id, version, draft = chosen(platform, locale)
        assert (template_id, version, draft.locale, draft.subject) == (None, None, ours.locale, ours.subject)
    own_french = make(platform, is_default=True, subject="La nôtre")
    assert [chosen(platform, locale)[0] for locale in ("fr", "en", "pt")] == [own_french.id] * 3
    own_english = make(platform, is_default=True, subject="Ours", locale="en")
    assert [chosen(platform, locale)[0] for locale in ("fr", "en", "pt")] == [
        own_french.id,
        own_english.id,
        own_french.id,
    ]
    assert chosen(platform, "en")[2].subject == "Ours"
    assert chosen(platform, "en", company_id=2)[0] is None
    assert chosen(platform, "en", company_id=None)[0] is None


def test_only_an_active_default_of_the_type_is_chosen(platform: Platform) -> None:
    make(platform)
    assert chosen(platform)[0] is None
    default = make(platform, is_default=True)
    assert chosen(platform)[:2] == (default.id, 1)
    change(platform, default.id, is_active=False)
    assert chosen(platform)[0] is None
    change(platform, default.id, is_active=True, kind=TemplateType.FOLLOW_UP)
    assert chosen(platform)[0] is None
    assert chosen(platform, kind=TemplateType.FOLLOW_UP)[:2] == (default.id, 2)
    assert chosen(platform, kind=TemplateType.CUSTOM)[0] is None, "an own type is not its nearest label"
    platform.do(lambda connection: template_changes.delete(connection, 1, default.id))
    assert chosen(platform, kind=TemplateType.FOLLOW_UP)[0] is None


def test_a_version_says_for_ever_what_it_said(platform: Platform) -> None:
    made = make(platform, subject="Un", locale="en", body_format="text", kind=TemplateType.FOLLOW_UP)
    change(platform, made.id, subject="Deux", kind=KIND)
    platform.app(lambda connection: connection.execute("update email_templates set body = 'Trois'"))
    drafts = [
        platform.do(partial(template_store.load_version, template_id=made.id, number=number)) for number in (1, 2, 3)
    ]
    assert [(each.kind, each.locale, each.subject, each.body, each.body_format) for each in drafts] == [
        (TemplateType.FOLLOW_UP, "en", "Un", "<p>Offre</p>", "text"),
        (KIND, "en", "Deux", "<p>Offre</p>", "text"),
        (KIND, "en", "Deux", "Trois", "text"),
    ]
    platform.do(lambda connection: template_changes.delete(connection, 1, made.id))
    assert platform.do(lambda connection: template_store.load_version(connection, made.id, 1)) == drafts[0]


def test_what_says_nothing_new_makes_no_version(platform: Platform) -> None:
    made = make(platform)
    changed = change(platform, made.id, name="Autre", is_default=True, subject="Offre")
    platform.do(lambda connection: template_store.count_use(connection, made.id, 3))
    platform.do(lambda connection: template_store.count_use(connection, made.id, 2))
    found = platform.do(lambda connection: template_store.get(connection, 1, made.id))
    assert found is not None
    assert (changed.version, found.version, found.usage_count) == (1, 1, 5)
    assert found.last_used_at is not None
    assert found.updated_at == changed.updated_at, "a use is no change"


def test_twenty_versions_are_kept_and_those_that_mails_refer_to(platform: Platform) -> None:
    made = make(platform)
    platform.change(
        "insert into email_messages (template, template_id, template_version, source) values ('employer', %s, 2, 'x')",
        made.id,
    )
    for number in range(30):
        change(platform, made.id, subject=f"Offre {number}")
    kept, total = platform.do(partial(template_store.versions, template_id=made.id, limit=50, offset=0))
    assert total == 21
    assert [each.version for each in kept] == [*range(31, 11, -1), 2]


def test_a_template_that_the_app_deleted_for_good_is_said_to_be_gone(platform: Platform) -> None:
    made = make(platform)
    platform.app(lambda connection: connection.execute("delete from email_templates where id = %s", (made.id,)))
    with pytest.raises(Permanent, match="does not exist any more") as caught:
        platform.do(lambda connection: template_store.load_version(connection, made.id, 1))
    assert caught.value.code == "email.template_gone"


def test_the_app_moves_a_default(platform: Platform) -> None:
    """It clears the flag of the others, then sets its own."""
    first = make(platform, is_default=True)
    second = make(platform)
    for statement, identifier in (
        ("update email_templates set is_default = false where company_id = 1 and id <> %s and is_default", second.id),
        ("update email_templates set is_default = true, updated_at = now() where id = %s", second.id),
    ):
        platform.change(statement, identifier)
    assert defaults(platform) == [second.id]
    assert first.id != second.id


def app_makes_default(platform: Platform, template_id: int) -> None:
    """In one transaction it clears the flag of the others of the type, then sets its own."""

    def do(connection: psycopg.Connection[Any]) -> None:
        connection.execute(
            "update email_templates set is_default = false where company_id = 1 and type = 'OFFER_LETTER' "
            "and is_default and id <> %s",
            (template_id,),
        )
        connection.execute("update email_templates set is_default = true where id = %s", (template_id,))

    platform.app(do)


def ours(platform: Platform, *templates: TemplateView) -> list[bool]:
    """Whether each is answered as a default here."""
    found = [platform.do(partial(template_store.get, company_id=1, template_id=each.id)) for each in templates]
    return [each is not None and each.is_default for each in found]


@pytest.mark.parametrize("order", [("fr", "en"), ("en", "fr")])
def test_the_app_finds_one_default_where_each_language_has_its_own(platform: Platform, order: tuple[str, str]) -> None:
    made = {locale: make(platform, is_default=True, locale=locale) for locale in order}
    french, english = made["fr"], made["en"]
    assert defaults(platform) == [french.id]
    assert ours(platform, french, english) == [True, True]
    assert [chosen(platform, locale)[0] for locale in ("fr", "en")] == [french.id, english.id]
    assert platform.do(lambda connection: template_store.usage(connection, 1))["defaults"] == 2
    change(platform, french.id, name="Autre nom")
    change(platform, english.id, name="Other name")
    assert defaults(platform) == [french.id]
    change(platform, english.id, is_default=False)
    assert (defaults(platform), ours(platform, french, english)) == ([french.id], [True, False])


def test_a_default_in_english_alone_is_the_apps_too(platform: Platform) -> None:
    english = make(platform, is_default=True, locale="en")
    assert defaults(platform) == [english.id]
    platform.do(lambda connection: template_changes.delete(connection, 1, english.id))
    assert (defaults(platform), platform.rows("select id from email_templates where own_default")) == ([], [])


def test_what_the_app_chooses_stands_and_the_other_language_stays_ours(platform: Platform) -> None:
    french, english = (make(platform, is_default=True, locale=locale) for locale in ("fr", "en"))
    app_makes_default(platform, english.id)
    assert (defaults(platform), ours(platform, french, english)) == ([english.id], [True, True])
    other = make(platform)
    app_makes_default(platform, other.id)
    assert (defaults(platform), ours(platform, french, english, other)) == ([other.id], [False, True, True])
    platform.change("update email_templates set is_default = true where id = %s", english.id)
    assert (defaults(platform), ours(platform, english, other)) == ([english.id], [True, True])


def test_the_app_takes_a_default_away(platform: Platform) -> None:
    french, english = (make(platform, is_default=True, locale=locale) for locale in ("fr", "en"))
    platform.change("update email_templates set is_default = false where id = %s", french.id)
    assert (defaults(platform), ours(platform, french, english)) == ([], [False, True])


def test_types_of_ours_have_defaults_beside_the_apps_own(platform: Platform) -> None:
    follow_up = make(platform, is_default=True, kind=TemplateType.FOLLOW_UP)
    custom = make(platform, is_default=True, kind=TemplateType.CUSTOM)
    request = make(platform, is_default=True, kind=TemplateType.REFERENCE_REQUEST)
    assert (defaults(platform), ours(platform, follow_up, custom, request)) == ([custom.id], [True, True, True])


def test_the_app_makes_a_second_default_and_the_older_one_steps_back(platform: Platform) -> None:
    def insert(connection: psycopg.Connection[Any], kind: str) -> int:
        return main_web_app.insert_template(connection, "Sans regarder", type=kind, is_active=True, is_default=True)

    first = platform.app(lambda connection: insert(connection, "OFFER_LETTER"))
    second = platform.app(lambda connection: insert(connection, "OFFER_LETTER"))
    assert defaults(platform) == [second]
    other = platform.app(lambda connection: insert(connection, "ONBOARDING"))
    platform.change("update email_templates set type = 'ONBOARDING' where id = %s", second)
    assert defaults(platform) == [second], "a default that changes its type replaces the other type's"
    platform.change("update email_templates set type = 'OFFER_LETTER', is_default = true where id = %s", first)
    assert defaults(platform) == [first, second]
    assert other not in defaults(platform)


def test_a_row_whose_label_the_app_changed_is_what_the_label_says(platform: Platform) -> None:
    made = make(platform, kind=TemplateType.FOLLOW_UP, is_default=True)
    platform.change("update email_templates set type = 'ONBOARDING' where id = %s", made.id)
    found = platform.do(lambda connection: template_store.get(connection, 1, made.id))
    assert found is not None
    assert found.kind is TemplateType.ONBOARDING
    assert chosen(platform, kind=TemplateType.ONBOARDING)[0] == made.id


def test_a_built_in_template_is_what_its_library_says(platform: Platform) -> None:
    for kind in TemplateType:
        ours = library.built_in(kind, "fr")
        made = platform.do(partial(template_changes.activate, company_id=1, built_in=ours, author=AUTHOR, most=MOST))
        assert (made.subject, made.body) == (ours.subject, ours.body), kind
        assert chosen(platform, kind=kind)[0] == made.id


def test_a_template_with_an_unknown_name_is_refused(platform: Platform) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        make(platform, body="<p>{candidte_name}</p>")
    [fault] = caught.value.faults
    assert fault.member == "body"
    assert "did you mean {candidate_name}?" in str(fault.said)


def together(count: int, work: Callable[[int], Any]) -> None:
    """Call `work` in threads that start at the same moment; raises what one of them raised."""
    start = threading.Barrier(count)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            start.wait(10)
            work(number)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@pytest.mark.parametrize("existing", [True, False])
def test_many_who_choose_a_default_at_once_leave_one(platform: Platform, database_url: str, *, existing: bool) -> None:
    """Half of them as the platform does it, half as the main web app does it."""
    if existing:
        make(platform, is_default=True)
    ids = [make(platform).id for _ in range(4)]

    def choose(number: int) -> None:
        if number % 2:
            change(platform, ids[number], is_default=True)
            return
        with psycopg.connect(libpq_url(database_url)) as connection:
            connection.execute(
                "update email_templates set is_default = false where company_id = 1 and type = 'OFFER_LETTER' "
                "and is_default and id <> %s",
                (ids[number],),
            )
            connection.execute("update email_templates set is_default = true where id = %s", (ids[number],))

    for _ in range(10):
        together(4, choose)
        assert len(defaults(platform)) == 1


def test_a_text_is_read_before_anybody_waits_for_the_lock_of_defaults(platform: Platform, database_url: str) -> None:
    """Markup may cost a second, and the main web app's own saving waits for the same lock."""
    template_id = make(platform).id

    def save(connection: Connection) -> None:
        execute(connection, "set local lock_timeout = '1s'")
        template_changes.change(connection, 1, template_id, {"body": "{unknown_name}"}, author=AUTHOR)

    with psycopg.connect(libpq_url(database_url)) as app:
        app.execute("update email_templates set is_default = true where id = %s", (template_id,))
        with pytest.raises(InvalidTemplate):
            platform.do(save)


def test_what_somebody_else_saved_meanwhile_is_read_too(platform: Platform, database_url: str) -> None:
    template_id = make(platform, body_format="text", body="a").id
    errors: list[BaseException] = []

    def save() -> None:
        try:
            change(platform, template_id, body_format="text", subject="Nouveau")
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    with psycopg.connect(libpq_url(database_url)) as app:
        app.execute("update email_templates set is_default = true, body = '<script>' where id = %s", (template_id,))
        thread = threading.Thread(target=save)
        thread.start()
        while not platform.rows("select 1 from pg_locks where locktype = 'advisory' and not granted"):
            assert thread.is_alive() or errors
        app.commit()
    thread.join()
    assert isinstance(errors[0], InvalidTemplate)


def test_a_double_click_activates_once(platform: Platform) -> None:
    ours = library.built_in(KIND, "fr")
    together(
        4,
        lambda _: platform.do(
            lambda connection: template_changes.activate(connection, 1, ours, author=AUTHOR, most=MOST)
        ),
    )
    assert len(platform.rows("select id from email_templates")) == 1
