"""A digest of several alerts in one mail: a section per alert, an offer once in each that it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from worker.services.email.templating.environment import environment
from worker.services.email.wording import formats

LONGEST_NAME = 80


class Section(BaseModel):
    """What one alert found. job_ids: the offers shown, in order; more: how many others matched; spare: the next ones
    of those, for offers that close before the mail is written.
    """

    alert_id: int
    alert_name: str
    job_ids: list[int]
    more: int = Field(ge=0)
    spare: list[int] = Field(default_factory=list)


def joined(sections: Sequence[Section], frequency: str) -> dict[str, Any]:
    """The members that a digest of one alert has, for all sections together; each offer once."""
    return {
        "alert_name": " · ".join([formats.line(each.alert_name, LONGEST_NAME) for each in sections]),
        "frequency": frequency,
        "job_ids": list(dict.fromkeys(job for each in sections for job in each.job_ids)),
        "spare": [job for each in sections for job in each.spare],
        "more": sum(each.more for each in sections),
        "sections": list(sections),
    }


def heading(section: Section, more: int, locale: str) -> tuple[str, str]:
    """What stands above a section's offers, as a row of the HTML layout and as lines of text."""
    name = formats.line(section.alert_name, LONGEST_NAME)
    context: Mapping[str, Any] = {"alert_name": name, "more": more, "locale": locale}
    html, text = (environment().get_template(name).render(context) for name in ("section.html", "section.txt"))
    return html, text
