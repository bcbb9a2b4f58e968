"""What a group of notifications says, in the reader's language."""

from collections.abc import Mapping

from models.enums import NotificationKind
from worker.kit.database import Row
from worker.kit.localisation import message, translate
from worker.services.email.wording import formats
from worker.services.notifications.wording import LONGEST_LINE, Wording

# Of rows of `notifications n`: what their groups' texts need. Only groups are looked up.
FACTS = """
       n.group_size,
       case when n.group_size > 1 then
           (select j.title from jobs j
             where j.id = coalesce(n.related_job_id, (select a.job_id from job_applications a
                                                       where a.id = n.related_application_id))) end as offer,
       case when n.group_size > 1 then
           (select coalesce(nullif(btrim(u.name), ''), btrim(concat_ws(' ', u.first_name, u.last_name)))
              from job_applications a join candidates c on c.id = a.candidate_id join users u on u.id = c.user_id
             where a.id = n.related_application_id) end as candidate
"""

_TEXTS: Mapping[NotificationKind, tuple[str, str]] = {
    NotificationKind.NEW_APPLICATION: (
        message("%(count)s nouvelles candidatures"),
        message("%(count)s personnes ont postulé à « %(offer)s »."),
    ),
    NotificationKind.POST_PUBLISHED: (
        message("%(count)s publications en ligne"),
        message("« %(offer)s » est en ligne à %(count)s endroits."),
    ),
    NotificationKind.MENTION: (
        message("%(count)s mentions de vous"),
        message("Des collègues vous ont mentionné dans leurs notes sur la candidature de %(candidate)s (%(offer)s)."),
    ),
}


def wording(locale: str, kind: NotificationKind, row: Row) -> Wording:
    """What a row with `FACTS` says: of a group how many there are, else its own text.

    The sentence of a group whose offer or application is gone is its first one's.
    """
    texts = _TEXTS.get(kind)
    if texts is None or row["group_size"] < 2:
        return Wording(row["title"], row["message"])
    title, sentence = texts
    values = {
        "count": row["group_size"],
        "offer": formats.stored(row["offer"], LONGEST_LINE),
        "candidate": formats.stored(row["candidate"], LONGEST_LINE),
    }
    known = all(values[name] for name in ("offer", "candidate") if f"%({name})s" in sentence)
    said = translate(locale, sentence, **values) if known else row["message"]
    return Wording(translate(locale, title, **values), said)
