"""`{name}` in what people write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.services.email.wording import placeholders


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bonjour {candidate_name}, {job_title} {candidate_name}", ("candidate_name", "job_title")),
        ("{{job_title}}", ("job_title",)),
        ("{a} {A_b} {job title} { job_title } {job-title} {j0b} {}", ()),
        ("{" + "a" * 40 + "} {" + "b" * 41 + "}", ("a" * 40,)),
        ("Le mot <style> de {job_title}", ("job_title",)),
        ("", ()),
    ],
)
def test_a_placeholder_is_a_name_in_braces(text: str, names: tuple[str, ...]) -> None:
    assert placeholders.names(text) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("<style>p {color} h1{\nmargin_top}</style>{job_title}", ("job_title",)),
        ("<STYLE media=x>{job_title}</Style >{company_name}", ("company_name",)),
        ("{company_name}<style>{job_title}", ("company_name",)),
        ("<styled>{job_title}", ("job_title",)),
    ],
)
def test_a_style_sheet_s_braces_are_its_own(source: str, names: tuple[str, ...]) -> None:
    assert placeholders.names(placeholders.without_sheets(source)) == names


def test_what_has_no_value_stays_readable() -> None:
    filled = placeholders.fill("{job_title} chez {company_nam}", {"job_title": "Comptable"}, escape=str)
    assert filled == "Comptable chez {company_nam}"


def test_values_are_escaped_and_the_text_is_not() -> None:
    filled = placeholders.fill("<b>{job_title}</b>", {"job_title": "a & b"}, escape=lambda value: value.upper())
    assert filled == "<b>A & B</b>"


def test_a_value_is_never_expanded_again() -> None:
    values = {"candidate_name": "{job_title}", "job_title": "{candidate_name}"}
    assert placeholders.fill("{candidate_name} {job_title}", values, escape=str) == "{job_title} {candidate_name}"


@given(st.text(), st.dictionaries(st.sampled_from(["job_title", "company_name"]), st.text()))
def test_only_placeholders_with_a_value_change(text: str, values: dict[str, str]) -> None:
    filled = placeholders.fill(text, values, escape=str)
    assert filled == text or set(placeholders.names(text)) & set(values)


@given(st.text(), st.text())
def test_each_value_stands_where_its_placeholder_stood(before: str, value: str) -> None:
    text = f"{before.replace('<', '')}{{job_title}}!"
    assert placeholders.fill(text, {"job_title": value}, escape=str).endswith(f"{value}!")
