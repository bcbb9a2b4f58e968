"""From a template and its values to a mail."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.enums import TemplateType
from tests.factories.markup import Structure
from worker.services.email.templating import parsed_body
from worker.services.email.templating.blocks import jobs_list
from worker.services.email.templating.bounds import LARGEST_MAIL, Unfit
from worker.services.email.templating.composing import (
    AROUND,
    Block,
    Composed,
    Draft,
    compose,
    missing_names,
    sample,
)
from worker.services.email.wording import variables
from worker.services.email.wording.footers import Links

HARMLESS = variables.samples(TemplateType.CUSTOM, "fr")
EVERYWHERE = Draft(
    TemplateType.CUSTOM,
    "fr",
    "{job_title} : {candidate_name}",
    """<style>.a { color: red }</style><p class=a title="{job_title}">{candidate_name}, <b>{job_title}</b></p>
    <a href="{interview_link}">{interview_link}</a> <a href={interview_link}>x</a>
    <a href="https://example.com/{job_title}?q={candidate_name}&amp;x=1" title='{company_name}'>y</a>
    <a href="mailto:{recruiter_email}?subject={job_title}">z</a> <{job_title}> <p {job_title}>w</p>
    <img src="https://example.com/{candidate_name}.png" alt="{candidate_name}"><!-- {job_title} -->""",
)
AS_TEXT = Draft(
    TemplateType.CUSTOM,
    "fr",
    "{company_name}",
    "{candidate_name} <b>\n\n{interview_link} https://example.com/{job_title}?x=1&y=2.\n{job_title}",
    "text",
)
HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="<>&\"'`=/{}\\\r\n\0\u2028\u202e\ud800 abjst_:;#-", max_size=60),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "javascript:alert(1)",
            "data:text/html,x",
            "' style='background:url(https://example.net)",
            "</td></tr></table></body>",
            "{job_title}{candidate_name}{jobs_list}",
            "x\r\nBcc: other@example.com\r\n\r\nbody",
            "<!--",
            "]]><style>",
            "{{ 7 * 7 }}{% for x in y %}",
        ]
    ),
)
VALUES = st.fixed_dictionaries(dict.fromkeys(HARMLESS, HOSTILE))


def content(draft_body: str, values: dict[str, str] | None = None, body_format: str = "html") -> str:
    """What stands inside the layout's card."""
    draft = Draft(TemplateType.CUSTOM, "fr", "x", draft_body, body_format)
    html = compose(draft, HARMLESS if values is None else values).html
    return html.split('class="content"', 1)[1].split(">", 2)[2].split("</div></td>", 1)[0]


def with_values(**values: str) -> Composed:
    return compose(EVERYWHERE, {**HARMLESS, **values})


@pytest.mark.parametrize("draft", [EVERYWHERE, AS_TEXT])
@settings(deadline=None)
@given(values=VALUES)
def test_no_value_changes_the_structure(draft: Draft, values: dict[str, str]) -> None:
    filled = {name: value if value.strip() else "x" for name, value in values.items()}
    harmless, hostile = (Structure(compose(draft, given).html) for given in (HARMLESS, filled))
    assert hostile.tags == harmless.tags
    assert hostile.styles == harmless.styles
    assert all(each.startswith(("https://", "http://", "mailto:", "#", "{")) for each in hostile.addresses)


@settings(deadline=None)
@given(values=VALUES)
def test_no_value_adds_a_header(values: dict[str, str]) -> None:
    subject = compose(EVERYWHERE, values).subject
    assert not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in subject)
    assert len(subject) <= 200
    assert subject.splitlines() in ([], [subject])


@settings(deadline=None)
@given(value=HOSTILE.filter(str.strip))
def test_no_value_is_expanded_again(value: str) -> None:
    draft = Draft(TemplateType.CUSTOM, "fr", "{candidate_name}", "<p>{candidate_name}</p>")
    mail = compose(draft, {"candidate_name": value + "{job_title}", "job_title": "SECRET"})
    assert "SECRET" not in mail.subject + mail.html + mail.text


@settings(deadline=None)
@given(value=st.text(alphabet="<>&{}ab\n", min_size=1, max_size=40).filter(str.strip))
def test_the_text_part_says_the_value_as_it_is(value: str) -> None:
    mail = compose(Draft(TemplateType.CUSTOM, "fr", "x", "<p>{candidate_name}</p>"), {"candidate_name": value})
    assert mail.text.startswith(" ".join(value.split()))


@settings(deadline=None)
@given(subject=st.text(max_size=300), body=st.text(max_size=300), body_format=st.sampled_from(["html", "text"]))
def test_any_template_can_be_composed(subject: str, body: str, body_format: str) -> None:
    mail = sample(Draft(TemplateType.CUSTOM, "en", subject, body, body_format))
    assert mail.html.startswith("<!doctype html>")
    assert mail.subject.splitlines() in ([], [mail.subject])


def test_all_missing_names_are_told_at_once() -> None:
    draft = Draft(TemplateType.CUSTOM, "fr", "{job_title}", "<p>{candidate_name} {company_nam}</p><p>{job_title}</p>")
    mail = compose(draft, {"candidate_name": " \n"})
    assert mail.missing == ("job_title", "candidate_name", "company_nam")
    assert mail.subject == "{job_title}"
    assert "{candidate_name} {company_nam}" in mail.html


def test_a_default_stands_for_what_is_missing_in_the_mail_s_language() -> None:
    body = "<p>{recruiter_name}, {job_location}</p>"
    french, english = (compose(Draft(TemplateType.OFFER_LETTER, each, "x", body), {}) for each in ("fr", "en"))
    assert french.missing == english.missing == ()
    assert "L’équipe de recrutement, lieu à préciser" in french.text
    assert "The hiring team, location to be confirmed" in english.text


def test_a_blank_default_is_a_value() -> None:
    mail = compose(Draft(TemplateType.JOB_ALERT, "fr", "x", "<p>[{frequency}]</p>"), {})
    assert mail.missing == ()
    assert mail.text.startswith("[]")


def test_words_about_a_style_sheet_hide_no_placeholder() -> None:
    draft = Draft(TemplateType.CUSTOM, "fr", "<style> {job_title}", "<p>&lt;style&gt; {job_title}</p>")
    mail = compose(draft, {"job_title": "Comptable"})
    assert mail.subject == "<style> Comptable"
    assert mail.text.startswith("<style> Comptable")
    assert compose(draft, {}).missing == ("job_title",)


def test_names_in_a_style_sheet_are_not_missing() -> None:
    mail = compose(Draft(TemplateType.CUSTOM, "fr", "x", "<style>p {color}</style><p>a</p>"), {})
    assert mail.missing == ()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("<p>a<script>alert(1)</script></p>", '<p style="margin:0 0 16px">a</p>'),
        ("<b onclick=x() onmouseover='y'>a</b>", "<b>a</b>"),
        ("<a href='javascript:x'>a</a>", "<a>a</a>"),
        ("<a href='  JaVa\nScript:x'>a</a>", "<a>a</a>"),
        ("<a href='data:text/html,x'>a</a>", "<a>a</a>"),
        ("<a href='vbscript:x'>a</a>", "<a>a</a>"),
        ("<a href='//example.net'>a</a><a href='/x'>b</a>", "<a>a</a><a>b</a>"),
        ("<a href='http://example.com' target=_top>a</a>", '<a href="http://example.com">a</a>'),
        ("<a href='mailto:a@example.com'>a</a>", '<a href="mailto:a@example.com">a</a>'),
        ("<form action='https://example.net'><input><button>a</button></form>", "a"),
        ("<iframe src='https://example.net'>a</iframe>b", "b"),
        ("<object data=x>a</object><embed src=x><svg><a href=x>a</a></svg>b", "b"),
        (
            "<link rel=stylesheet href='https://example.net/a.css'><meta http-equiv=refresh content=0><base href=x>b",
            "b",
        ),
        ("<style>@import 'https://example.net/a.css'; b{color:red}</style><b>a</b>", '<b style="color:red">a</b>'),
        ("<b style='color:red;background:url(https://example.net)'>a</b>", '<b style="color:red">a</b>'),
        ("<b style='position:fixed;margin-top:-99px;width:expression(1)'>a</b>", "<b>a</b>"),
        ("<b style='color:{job_title}'>a</b>", "<b>a</b>"),
        ("<img src='http://example.com/a.png'><img src='data:image/png;base64,x'><img>a", "a"),
        ("<b>a</div></td></tr></table>", "<b>a</b>"),
        ("<td>a</td>", "a"),
        ("<!-- a --><b>b</b><!--[if mso]><p>c</p><![endif]-->", "<b>b</b>"),
        ("<html><head><title>t</title></head><body bgcolor=red>a</body></html>", "a"),
    ],
)
def test_only_what_is_harmless_stays(body: str, kept: str) -> None:
    assert content(body) == kept


def test_images_come_by_https_only() -> None:
    assert 'src="https://example.com/a.png"' in content("<img src='https://example.com/a.png' alt=a>")


def test_the_employer_s_rules_win_over_ours_and_move_into_the_elements() -> None:
    html = content("<style>p{margin:0;color:#123456} .x > b{font-weight:900}</style><p class=x>a <b>b</b></p>")
    assert html == '<p style="margin:0;color:#123456">a <b style="font-weight:900">b</b></p>'


def test_a_link_s_value_must_be_an_address() -> None:
    assert (
        'href="https://meet.example.com/a?b=1&amp;c=2"'
        in with_values(interview_link="https://meet.example.com/a?b=1&c=2").html
    )
    assert with_values(interview_link="javascript:alert(1)").html.count('href="#"') == 2


def test_a_value_inside_an_address_stays_one_piece_of_it() -> None:
    html = with_values(job_title="a/b?c=d&e", candidate_name="x&x=2#").html
    assert 'href="https://example.com/a%2Fb%3Fc%3Dd%26e?q=x%26x%3D2%23&amp;x=1"' in html
    assert 'href="mailto:recrutement@example.com?subject=a%2Fb%3Fc%3Dd%26e"' in html


def test_text_becomes_paragraphs_with_links() -> None:
    body = "Bonjour {candidate_first_name},\r\n\r\nA < B\nSite : https://example.com/a?b=1&c=2.\n\n\n\n{interview_link}"
    assert content(body, body_format="text") == (
        '<p style="margin:0 0 16px">Bonjour Awa,</p>\n'
        '<p style="margin:0 0 16px">A &lt; B<br>\nSite : '
        '<a href="https://example.com/a?b=1&amp;c=2">https://example.com/a?b=1&amp;c=2</a>.</p>\n'
        '<p style="margin:0 0 16px"><a href="https://meet.example.com/okoume-awa">'
        "https://meet.example.com/okoume-awa</a></p>"
    )


def test_the_text_part_of_text_is_that_text() -> None:
    mail = sample(Draft(TemplateType.CUSTOM, "fr", "x", "A <b> &amp; {candidate_first_name}\r\n\r\nB", "text"))
    assert mail.text.startswith("A <b> &amp; Awa\n\nB\n\n-- \n")


def test_the_text_part_of_html_keeps_paragraphs_lists_and_addresses() -> None:
    body = """<h1>Offre</h1><p>Un<br>deux&nbsp;&amp; trois</p><ul><li>a</li><li><p>b</p></li></ul>
    <table><tr><td>c</td><td>d</td></tr><tr><td>e</td></tr></table><hr>
    <p><a href="https://example.com/x">ici</a>, <a href="mailto:a@example.com">a@example.com</a></p>"""
    mail = sample(Draft(TemplateType.CUSTOM, "fr", "x", body))
    assert mail.text.split("\n\n-- \n")[0] == (
        "Offre\n\nUn\ndeux\u00a0& trois\n\n- a\n- b\n\nc d\ne\n\n---\n\nici (https://example.com/x), a@example.com"
    )


def test_a_block_goes_in_unescaped_between_tags_only() -> None:
    block = Block("<table><tr><td>offers</td></tr></table>", "offers as text")
    draft = Draft(TemplateType.JOB_ALERT, "fr", "{jobs_list}", "<p>{jobs_list}</p><a title='{jobs_list}'>x</a>")
    mail = compose(draft, {"jobs_list": "<i>value</i>"}, {"jobs_list": block})
    assert mail.subject == "offers as text"
    assert '<div style="margin:0 0 16px"><table><tr><td>offers</td></tr></table></div>' in mail.html
    assert 'title="offers as text"' in mail.html
    assert mail.text.startswith("offers as text")
    assert mail.missing == ()


def test_a_value_cannot_pass_for_a_block() -> None:
    draft = Draft(TemplateType.JOB_ALERT, "fr", "x", "{jobs_list}")
    assert "&lt;i&gt;" in compose(draft, {"jobs_list": "<i>value</i>"}).html


def test_the_list_of_jobs_escapes_what_people_wrote() -> None:
    offer = {
        "title": "<b>x</b>",
        "company": "A & B",
        "facts": "",
        "salary": "",
        "posted": "",
        "url": "https://example.com/1",
    }
    block = jobs_list([offer], "fr")
    assert "&lt;b&gt;x&lt;/b&gt;" in block.html
    assert block.text == "<b>x</b> — A & B\nhttps://example.com/1"


def test_a_sample_shows_the_laid_out_list_and_the_values_given() -> None:
    draft = Draft(TemplateType.JOB_ALERT, "en", "{alert_name}", "{candidate_name}<p>{jobs_list}</p>")
    mail = sample(draft, {"candidate_name": "Zoé"})
    assert mail.subject == "Accounting in Libreville"
    assert "Zoé" in mail.text
    assert '<div class="title"' in mail.html


def test_own_colours_are_left_alone_in_dark_mode() -> None:
    plain, coloured = (
        sample(Draft(TemplateType.CUSTOM, "fr", "x", body)).html
        for body in ("<p>a</p>", "<p style='background-color:#fff;color:#000'>a</p>")
    )
    assert ".content > div, .rows > table, .strong { color:" in plain
    assert ".content > div, .rows > table, .strong { color:" not in coloured


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        (TemplateType.OFFER_LETTER, {"company_name": "Okoumé"}, "votre candidature chez Okoumé"),
        (TemplateType.ONBOARDING, {"company_name": "Okoumé"}, "Okoumé vous écrit par IntoWork"),
        (TemplateType.OFFER_LETTER, {}, "parce que vous avez un compte sur IntoWork"),
        (TemplateType.JOB_ALERT, {}, "parce que vous avez créé cette alerte"),
    ],
)
def test_the_footer_says_why(kind: TemplateType, values: dict[str, str], reason: str) -> None:
    mail = compose(Draft(kind, "fr", "x", "<p>a</p>"), values)
    assert reason in mail.html
    assert reason in mail.text


def test_subscribed_mail_shows_the_way_out_in_both_parts() -> None:
    links = Links("https://example.com/m", "https://example.com/u?a=1&b=2")
    mail = compose(Draft(TemplateType.JOB_ALERT, "en", "x", "<p>a</p>"), {}, links=links)
    assert '<a href="https://example.com/u?a=1&amp;b=2">Unsubscribe</a>' in mail.html
    assert "Unsubscribe\nhttps://example.com/u?a=1&b=2" in mail.text


def test_the_language_is_declared() -> None:
    assert '<html lang="en"' in sample(Draft(TemplateType.CUSTOM, "en", "x", "a")).html


SOME_VALUES = st.fixed_dictionaries({}, optional=dict.fromkeys(HARMLESS, HOSTILE))


@pytest.mark.parametrize("draft", [EVERYWHERE, AS_TEXT])
@settings(max_examples=60, deadline=None)
@given(values=SOME_VALUES)
def test_what_is_missing_is_known_before_the_mail_is_rendered(draft: Draft, values: dict[str, str]) -> None:
    mail = compose(draft, values)
    assert missing_names(draft, values) == mail.missing
    most = parsed_body.prepare(draft.body, draft.body_format).largest(values) + AROUND
    assert len(mail.html.encode()) <= most
    assert len(mail.text.encode()) <= most


def test_a_mail_that_its_values_make_too_large_is_unfit_before_it_is_rendered() -> None:
    body = "<p>{job_title}</p>" * 60 + f"<p>{'x' * 70_000}</p>"
    draft = Draft(TemplateType.CUSTOM, "fr", "{candidate_name}", body)
    assert missing_names(draft, {"job_title": "Comptable"}) == ("candidate_name",)
    with pytest.raises(Unfit, match=str(LARGEST_MAIL)):
        missing_names(draft, {"job_title": "W" * 1000})
