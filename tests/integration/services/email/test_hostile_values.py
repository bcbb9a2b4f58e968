"""No value that anybody can write changes a mail's structure, adds a header, or reaches somebody else.

Everything is as in life: the values stand in the database, the real tasks send, and the provider tells what it took.
"""

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from models.enums import TemplateType
from tests.factories import main_web_app
from tests.factories.emulators import ResendEmulator
from tests.factories.markup import Structure
from tests.integration.services.email.templated_mails import applications, send, template
from tests.integration.services.support import Platform
from worker.kit.database import Row
from worker.kit.mailboxes import canonical
from worker.services.email.wording import variables

NAMES = [variable.name for variable in variables.declared(TemplateType.CUSTOM)]
EVERYWHERE = "".join(
    f'<p>{{{name}}} <a href="{{{name}}}" title="{{{name}}}">1</a> <a href="https://example.com/{{{name}}}?x={{{name}}}">2'
    f'</a> <a href="mailto:{{{name}}}">3</a></p>'
    for name in NAMES
)
SUBJECT = " ".join(f"{{{name}}}" for name in NAMES)

TRICKS = st.sampled_from(
    [
        "x\r\nBcc: autre@example.net\r\n\r\ncorps",
        "x\nTo: autre@example.net",
        "x\u2028Cc: autre@example.net",
        '"><script>alert(1)</script>',
        "</p></td></tr></table></body></html>",
        "' onmouseover='x()",
        "javascript:alert(1)",
        "{candidate_email}{jobs_list}{{ 7 * 7 }}",
        '","to":["autre@example.net"],"x":"',
        "autre@example.net, autre@example.org",
        "Autre <autre@example.net>",
        "<style>*{display:none}</style><!--",
        "\u202egnp.exe\x07\x1b[31m",
    ]
)
TEXTS = st.one_of(TRICKS, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
COLUMNS = {
    "candidate": ("users", ("first_name", "last_name"), "id = 2"),
    "recruiter": ("users", ("first_name", "last_name"), "id = 1"),
    "company": ("companies", ("name",), "id = 1"),
    "job": ("jobs", ("title", "location"), "true"),
    "interview": ("interview_schedules", ("location", "meeting_link", "timezone"), "true"),
}
IN_DATABASE = st.fixed_dictionaries(
    {owner: st.tuples(*[TEXTS] * len(columns)) for owner, (_, columns, _) in COLUMNS.items()}
)
PLAIN = {owner: tuple("x" * len(columns)) for owner, (_, columns, _) in COLUMNS.items()}
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def envelope(mail: dict[str, Any]) -> dict[str, Any]:
    """All of a mail but what it says, and the numbers of its rows."""
    kept = {name: value for name, value in mail.items() if name not in {"subject", "html", "text"}}
    return {**kept, "tags": [tag["name"] for tag in mail["tags"]]}


def put(platform: Platform, values: dict[str, tuple[str, ...]]) -> None:
    for owner, texts in values.items():
        table, columns, condition = COLUMNS[owner]
        places = ", ".join(f"{column} = %s" for column in columns)
        platform.change(f"update {table} set {places} where {condition}", *texts)


def posted(platform: Platform, emulator: ResendEmulator, **payload: Any) -> tuple[Row, list[dict[str, Any]]]:
    """The run that sent a letter, and the mails that the provider took because of it."""
    emulator.reset()
    run = send(platform, company_id=1, **payload)
    return run, [emulator.mail(mail["id"]) for mail in emulator.mails()]


@pytest.fixture
def letter(platform: Platform, emulator: ResendEmulator) -> dict[str, Any]:
    """What sends a letter that uses every variable in every place."""
    [application] = applications(platform)
    platform.app(lambda connection: main_web_app.insert_interview(connection, application, 1))
    template_id = template(platform, type="CUSTOM", subject=SUBJECT, body=EVERYWHERE)
    return {"application_id": application, "template_id": template_id, "sent_by": 1}


def judge(mails: list[dict[str, Any]], run: Row, plain: dict[str, Any]) -> None:
    """One mail like the plain one, but for its words; or none, because a value is missing."""
    if run["state"] == "failed":
        assert run["error"]["code"] == "email.missing_values"
        assert mails == []
        return
    [mail] = mails
    assert envelope(mail) == envelope(plain)
    assert (mail["to"], mail["reply_to"]) == (["paul.ndong@example.org"], "awa.mba@example.org")
    assert mail["subject"].splitlines() == [mail["subject"]]
    assert not {unicodedata.category(each) for each in mail["subject"]} & {"Cc", "Cs", "Zl", "Zp"}
    html = Structure(mail["html"])
    assert html.tags == Structure(plain["html"]).tags
    assert all(each.startswith(("https://", "http://", "mailto:", "#")) for each in html.addresses)


@SLOW
@given(values=IN_DATABASE)
def test_what_stands_in_the_database(
    platform: Platform, emulator: ResendEmulator, letter: dict[str, Any], values: dict[str, tuple[str, ...]]
) -> None:
    put(platform, PLAIN)
    _, [plain] = posted(platform, emulator, **letter)
    put(platform, values)
    run, mails = posted(platform, emulator, **letter)
    judge(mails, run, plain)


@SLOW
@given(values=st.dictionaries(st.sampled_from(NAMES), TEXTS))
@example(values={"candidate_email": "autre@example.net", "recruiter_email": "autre@example.net"})
def test_what_a_recruiter_fills_in(
    platform: Platform, emulator: ResendEmulator, letter: dict[str, Any], values: dict[str, str]
) -> None:
    put(platform, PLAIN)
    _, [plain] = posted(platform, emulator, **letter)
    run, mails = posted(platform, emulator, **letter, values=values)
    judge(mails, run, plain)


ADDRESSES = st.one_of(
    TRICKS,
    TRICKS.map("paul.ndong@example.org{}".format),
    TRICKS.map("{}@example.org".format),
    st.lists(st.sampled_from("ab@.,;:<>\"' \t\r\n\x01\u2028é+-"), max_size=20).map("".join),
    st.emails(),
)


@SLOW
@given(recipient=ADDRESSES, recruiter=ADDRESSES)
@example(recipient="Autre <autre@example.net>", recruiter="awa.mba@example.org")
@example(recipient="paul.ndong@example.org", recruiter="Autre <autre@example.net>")
@example(recipient="paul.ndong@example.org,autre@example.net", recruiter="awa.mba@example.org\r\nBcc: a@example.net")
def test_an_account_s_address_is_one_address_or_none(
    platform: Platform, emulator: ResendEmulator, letter: dict[str, Any], recipient: str, recruiter: str
) -> None:
    put(platform, PLAIN)
    platform.change("update users set email = 'gone.' || id where id in (1, 2)")
    platform.change("update users set email = %s where id = 2", recipient)
    platform.change(
        "update users set email = %s where id = 1 and not exists (select from users where email = %s)",
        recruiter,
        recruiter,
    )
    body = "<p>Bonjour</p>"
    platform.change("update email_templates set subject = 'Bonjour', body = %s", body)
    _, mails = posted(platform, emulator, **letter)
    for mail in mails:
        for text in (*mail["to"], *([mail["reply_to"]] if mail.get("reply_to") else [])):
            assert text in (canonical(recipient), canonical(recruiter))
            assert text.count("@") == 1
            assert not set(text) & set(' \t\r\n\x01\u2028,;:<>"')
        assert mail["to"] == [canonical(recipient)]
        assert not {"cc", "bcc"} & set(mail)
