"""What notifications say, in the reader's language."""

from typing import NamedTuple

from worker.kit.localisation import translate
from worker.services.email.wording import formats

LONGEST_LINE = 160


class Wording(NamedTuple):
    title: str
    message: str


def new_jobs(locale: str, alert_name: str, total: int, newest: str) -> Wording:
    """An alert found `total` offers; newest: the newest one's title. Names may be as the main web app stores them."""
    name, offer = (formats.stored(text, LONGEST_LINE) for text in (alert_name, newest))
    title = translate(locale, "Nouvelles offres pour « %(name)s »", name=name)
    if total == 1:
        return Wording(title, translate(locale, "1 nouvelle offre, dont la plus récente : %(offer)s.", offer=offer))
    sentence = translate(
        locale, "%(total)s nouvelles offres, dont la plus récente : %(offer)s.", total=total, offer=offer
    )
    return Wording(title, sentence)
