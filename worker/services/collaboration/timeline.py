"""One time line of all that happened to an application, read from the rows that tell it, for the company's eyes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.services.collaboration import timeline_sources
from worker.services.collaboration.timeline_entries import Entry, Position, Question, TimelineKind
from worker.services.collaboration.timeline_sources import Source, changes_of, rows_of

# Another room's entries are one more line, and its kind where it has one of its own.
SOURCES = (
    Source("received", TimelineKind.APPLICATION, rows_of(timeline_sources.RECEIVED)),
    Source("decision", TimelineKind.DECISION, rows_of(timeline_sources.DECISIONS)),
    Source("interview", TimelineKind.INTERVIEW, rows_of(timeline_sources.INTERVIEWS)),
    Source("mail", TimelineKind.MAIL, rows_of(timeline_sources.MAILS)),
    Source("note", TimelineKind.NOTE, timeline_sources.notes_of),
    Source("deleted", TimelineKind.NOTE, rows_of(changes_of("note_deleted", "deleted"))),
    Source("tags", TimelineKind.TAG, rows_of(changes_of("tags", "changed"))),
    Source("rating", TimelineKind.SCORE, rows_of(changes_of("rating", "rating"))),
    Source("shared", TimelineKind.SCORE, rows_of(changes_of("scorecard", "shared_scorecard"))),
    Source("scorecard", TimelineKind.SCORE, rows_of(timeline_sources.SCORECARDS)),
    Source("feedback", TimelineKind.SCORE, rows_of(timeline_sources.FEEDBACK)),
    Source("ai", TimelineKind.SCORE, rows_of(timeline_sources.AI_SCORE)),
)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """after: the place behind which the next page begins; None on the last one."""

    entries: Sequence[Entry]
    after: Position | None


def page(
    connection: Connection,
    application_id: int,
    user_id: int,
    *,
    kinds: Collection[TimelineKind] = (),
    before: Position | None = None,
    limit: int,
) -> TimelinePage:
    """The newest first. user_id: the colleague who reads. kinds: all without any. before: where the last page ended.

    Cost: at most limit + 1 rows of each source, found by the application. Raises LookupError when it is gone.
    """
    question = Question(application_id, user_id, before, limit + 1)
    chosen = [source for source in SOURCES if not kinds or source.kind in kinds]
    found = [entry for source in chosen for entry in source.find(connection, source, question)]
    newest = sorted(found, key=lambda entry: entry.position, reverse=True)
    entries = newest[:limit]
    return TimelinePage(entries, entries[-1].position if len(newest) > limit else None)
