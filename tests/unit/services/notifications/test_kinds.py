"""One table says of each kind who gets it and how; another one tells people."""

import re

import pytest

from models.enums import NotificationKind, UserRole
from tests.factories.source import ROOT
from worker.kit.localisation import translate
from worker.services.notifications import grouping, kinds
from worker.services.notifications.kinds import RULES

ROW = re.compile(r"^\| `(?P<kind>\w+)` \|(?P<cells>.*)\|$", re.MULTILINE)
TOLD = {
    found["kind"]: [cell.strip() for cell in found["cells"].split("|")]
    for found in ROW.finditer((ROOT / "docs/notifications.md").read_text("utf-8"))
}
THINGS = {"job": "offer", "application": "application", None: "–"}


def test_each_kind_has_its_rule_and_is_told() -> None:
    assert set(RULES) == set(NotificationKind)
    assert list(TOLD) == [kind.value for kind in RULES]


@pytest.mark.parametrize("kind", NotificationKind)
def test_what_is_told_of_a_kind_is_so(kind: NotificationKind) -> None:
    rule = RULES[kind]
    label, _, _, gathered, mail, optional = TOLD[kind.value]
    assert label == kind.label
    assert gathered == THINGS[rule.gathered_by]
    assert mail.partition(":")[0] == ("never" if rule.mail is None else "yes" if rule.mail else "no")
    assert optional == ("no" if rule.fixed else "yes")
    assert rule.reader in (None, UserRole.EMPLOYER, UserRole.CANDIDATE)
    assert translate("en", rule.name)


@pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if rule.gathered_by])
def test_what_is_gathered_is_told_in_both_languages(kind: NotificationKind) -> None:
    row = {"group_size": 7, "offer": "Comptable", "candidate": "Léa Obame", "title": "Un", "message": "Texte"}
    french, english = (grouping.wording(locale, kind, row) for locale in ("fr", "en"))
    assert "7" in french.title
    assert "7" in english.title
    assert french != english
    assert grouping.wording("fr", kind, {**row, "group_size": 1}) == ("Un", "Texte")
    assert grouping.wording("fr", kind, {**row, "offer": None, "candidate": None}) == (french.title, "Texte")


@pytest.mark.parametrize(
    ("kind", "job_id", "application_id", "path"),
    [
        (NotificationKind.NEW_APPLICATION, 1, 2, "/dashboard/applications"),
        (NotificationKind.MATCHING_JOBS, 17, None, "/dashboard/jobs/17"),
        (NotificationKind.POST_FAILED, 17, None, "/dashboard/job-posts"),
        (NotificationKind.CONNECTION_LOST, None, None, "/dashboard/integrations"),
        (NotificationKind.SYSTEM, None, None, "/dashboard/notifications"),
    ],
)
def test_a_link_leads_to_what_it_is_about(
    kind: NotificationKind, job_id: int | None, application_id: int | None, path: str
) -> None:
    assert kinds.path(kind, job_id, application_id) == path
