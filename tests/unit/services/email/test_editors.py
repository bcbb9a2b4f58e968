"""What editors and link dialogs do to placeholders."""

import pytest

from models.enums import TemplateType
from worker.services.email.templating import template_rules
from worker.services.email.templating.composing import Composed, Draft, sample
from worker.services.email.templating.template_rules import InvalidTemplate

LINK = "https://meet.example.com/okoume-awa"


def draft(body: str, body_format: str = "html", kind: TemplateType = TemplateType.CUSTOM, subject: str = "x") -> Draft:
    return Draft(kind, "fr", subject, body, body_format)


def mail(body: str, body_format: str = "html") -> Composed:
    """The mail of a body that can be saved."""
    template_rules.check(draft(body, body_format))
    return sample(draft(body, body_format))


def sentences(wrong: Draft) -> list[str]:
    with pytest.raises(InvalidTemplate) as caught:
        template_rules.check(wrong)
    return [str(fault.said) for fault in caught.value.faults]


@pytest.mark.parametrize(
    "body",
    [
        "<p>Bonjour {candidate_<b>first</b>_name},</p>",
        "<p>Bonjour <span>{</span><span>candidate_first_name</span><span>}</span>,</p>",
        '<p>Bonjour {candidate_first_<span style="color:red">name</span>},</p>',
        "<p>Bonjour {<b>candidate_first_name</b>},</p>",
        "<p>Bonjour <b>{candidate_first_name}</b>,</p>",
        "<p>Bonjour {candidate_<!-- x -->first_name},</p>",
        "<p>Bonjour &#123;candidate&#95;first_name&rbrace;,</p>",
        "<p>Bonjour {candidate_<o:p></o:p>first_<i><i>na</i></i>me<u>}</u>,</p>",
        "<p>Bonjour <b>{candidate_</b><i>first_name</i>},</p>",
    ],
)
def test_a_placeholder_that_tags_part_is_filled(body: str) -> None:
    made = mail(body)
    assert made.missing == ()
    assert made.text.startswith("Bonjour Awa,")
    assert "Awa" in made.html
    assert "{" not in made.html.split('class="content"', 1)[1]


@pytest.mark.parametrize(
    "body",
    ["<p>{candidate_</p><p>first_name}</p>", "<p>{candidate_<br>first_name}</p>", "<p>{candidate_<b>x y</b>}</p>"],
)
def test_what_stands_on_several_lines_is_no_placeholder(body: str) -> None:
    assert "Awa" not in sample(draft(body)).text


def test_an_unknown_name_is_found_behind_tags() -> None:
    [sentence] = sentences(draft("<p>{candidat_<b>name</b>}</p>"))
    assert "{candidate_name}" in sentence


def test_parted_blanks_do_not_hide_a_name() -> None:
    assert sentences(draft("<p>{ <b>candidate_name</b> }</p>")) == [
        "{ candidate_name } is not replaced; write {candidate_name}."
    ]


@pytest.mark.parametrize(
    "address",
    [
        "http://{interview_link}",
        "https://{interview_link}",
        "{interview_link}",
        " {interview_link} ",
        "HTTPS://{interview_link}",
        "http://https://{interview_link}",
        "//{interview_link}",
        "/{interview_link}",
        "http:{interview_link}",
        "http://www.{interview_link}",
        "http://%7Binterview_link%7D",
        "\u00a0http://{interview_link}\u200b",
        "http://\n{interview_link}",
    ],
)
def test_a_scheme_before_a_whole_address_is_dropped(address: str) -> None:
    made = mail(f'<p><a href="{address}">Rejoindre</a></p>')
    assert f'href="{LINK}"' in made.html
    assert f"Rejoindre ({LINK})" in made.text


@pytest.mark.parametrize("body_format", ["html", "text"])
def test_a_scheme_before_a_whole_address_is_dropped_in_text(body_format: str) -> None:
    made = mail("Lien : http://{interview_link}", body_format)
    assert f"Lien : {LINK}" in made.text
    assert "http://https" not in made.html


@pytest.mark.parametrize("address", ["{recruiter_email}", "http://{recruiter_email}", "mailto:{recruiter_email}"])
def test_a_person_s_address_is_written_to(address: str) -> None:
    assert 'href="mailto:recrutement@example.com"' in mail(f'<a href="{address}">x</a>').html


def test_a_link_keeps_what_follows_its_placeholder() -> None:
    assert f'href="{LINK}?x=1"' in mail('<a href="http://{interview_link}?x=1">x</a>').html
    assert (
        'href="https://www.example.com/Comptable%20senior"' in mail('<a href="www.example.com/{job_title}">x</a>').html
    )


@pytest.mark.parametrize(
    "address", ["javascript:{interview_link}", "offres/{job_title}", "#{job_title}", "x:{job_title}"]
)
def test_a_link_that_nobody_could_follow_is_refused(address: str) -> None:
    [sentence] = sentences(draft(f'<p><a href="{address}">x</a></p>'))
    assert address in sentence
    assert "https://" in sentence


NEARLY = [
    "{{candidate_first_name}}",
    "{{ candidate_first_name }}",
    "{ candidate_first_name }",
    "{&nbsp;candidate_first_name&nbsp;}",
    "{candidate_first_name\u200b}",
    "{Candidate_First_Name}",
    "{candidateFirstName}",
    "{candidate-first-name}",
    "{CANDIDATE_FIRST_NAME}",
    "{candidate\u2011first\u2011name}",
    "{candidate first name}",
    "{\ufeffcandidate_first_name}",
    "{candidate_\u00adfirst_name}",
    "${candidate_first_name}",
    "{{{candidate_first_name}}}",
    "{%candidate_first_name%}",
    "\uff5bcandidate_first_name\uff5d",
    "{candidate_\nfirst_name}",
]


@pytest.mark.parametrize("written", NEARLY)
def test_nearly_a_placeholder_is_refused_with_the_right_form(written: str) -> None:
    for wrong in (draft(f"<p>Bonjour {written}</p>"), draft("<p>x</p>", subject=written.replace("&nbsp;", "\u00a0"))):
        [sentence] = sentences(wrong)
        assert sentence.endswith("write {candidate_first_name}.")


def test_nearly_a_placeholder_is_refused_in_text_and_in_links() -> None:
    assert sentences(draft("Bonjour { candidate_first_name }", "text"))
    assert "write {interview_link}" in sentences(draft('<a href="{{interview_link}}">x</a>'))[0]


@pytest.mark.parametrize(
    "written", ["{prénom}", "{}", "{ }", "{1}", "{not a name}", "{a: 1}", "a } b {", "{", "{{x y}}"]
)
@pytest.mark.parametrize("body_format", ["html", "text"])
def test_other_braces_are_text(written: str, body_format: str) -> None:
    made = mail(f"Bonjour {written}", body_format)
    assert made.text.startswith(f"Bonjour {written}".rstrip())


def test_other_braces_are_told() -> None:
    [first, second] = map(str, template_rules.warnings(draft("<p>{prénom} {candidate nam}</p>")))
    assert first == "{prénom} is no variable and is sent as it is written."
    assert second.endswith("did you mean {candidate_name}?")


def test_a_name_of_another_type_is_a_warning_and_missing() -> None:
    letter = draft("<p>{interview_date}</p>", kind=TemplateType.OFFER_LETTER)
    template_rules.check(letter)
    [warning] = template_rules.warnings(letter)
    assert "{interview_date}" in str(warning)
    assert sample(letter).missing == ("interview_date",)
