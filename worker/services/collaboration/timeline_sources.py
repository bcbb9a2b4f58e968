"""Where a time line's entries come from: statements that find rows of one application by an index.

Each has the columns of COLUMNS, of which `key` is unique in its source and `details` is what an entry shows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from worker.kit.database import Row, query
from worker.services.collaboration import notes
from worker.services.collaboration.changes import ChangeKind
from worker.services.collaboration.own_scorecards import SCORE
from worker.services.collaboration.people import NAME
from worker.services.collaboration.timeline_entries import Entry, Position, Question, TimelineKind

COLUMNS = "at, key, event, user_id, user_name, details"

# The mark of a post of ours tells its channel.
RECEIVED = """
select a.applied_at, 'received', 'received', null::integer, null::text,
       jsonb_build_object('source_ref', a.source_ref, 'channel', lower(p.channel::text))
  from job_applications a
  left join job_postings p
    on p.id = case when a.source_ref ~ '^p-[0-9]{1,9}$' then substr(a.source_ref, 3)::integer end
 where a.id = %(application)s
"""
DECISIONS = """
select e.created_at, e.id::text, e.event, null::integer, null::text,
       jsonb_build_object('before', e.before, 'after', e.after)
  from application_events e where e.application_id = %(application)s and e.kind = 'decision'
"""
UTC = """'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""
# With what the interview is now, where it is still there.
INTERVIEWS = f"""
select e.created_at, e.id::text, e.event, null::integer, null::text,
       jsonb_build_object('interview_id', e.interview_id, 'title', s.title, 'actor', e.actor,
                          'start', to_char(e.start at time zone 'UTC', {UTC}),
                          'start_before', to_char(e.start_before at time zone 'UTC', {UTC}), 'response', e.after,
                          'reason', case when e.event = 'canceled' then s.cancel_reason end,
                          'status', case when s.status::text = 'CANCELED' and s.own_status = 'no_show' then 'no_show'
                                         else lower(s.status::text) end)
  from application_events e left join interview_schedules s on s.id = e.interview_id
 where e.application_id = %(application)s and e.kind = 'interview'
"""
# What a mail says is between its sender and its reader.
MAILS = f"""
select coalesce(m.sent_at, m.created_at), m.id::text, m.state, u.id, nullif({NAME}, ''),
       jsonb_build_object('message_id', m.id, 'subject', m.subject, 'state', m.state,
                          'template', case t.type::text when 'CUSTOM' then coalesce(t.own_type, 'custom')
                                                       else coalesce(lower(t.type::text), m.template) end,
                          'to', case when m.user_id = c.user_id then 'candidate' else 'company' end)
  from email_messages m
  join job_applications a on a.id = m.application_id
  join candidates c on c.id = a.candidate_id
  left join email_templates t on t.id = m.template_id
  left join users u
    on u.id = case when m.context->>'sent_by' ~ '^[0-9]{{1,9}}$' then (m.context->>'sent_by')::integer end
 where m.application_id = %(application)s
"""
# What a colleague gave is shown to those who have handed in theirs.
SCORECARDS = f"""
select s.submitted_at, s.id::text, 'own_scorecard', s.user_id, nullif({NAME}, ''),
       jsonb_build_object('overall', case when mine.is_in then round({SCORE}, 1)::float8 end)
  from own_scorecards s
  cross join lateral (select exists (
      select from own_scorecards o
       where o.application_id = s.application_id and o.user_id = %(user)s and o.submitted_at is not null)) mine(is_in)
  left join users u on u.id = s.user_id
 where s.application_id = %(application)s and s.submitted_at is not null
"""
FEEDBACK = f"""
select f.updated_at, f.interview_id::text, 'interview_feedback', f.written_by, nullif({NAME}, ''),
       jsonb_build_object('interview_id', f.interview_id, 'title', s.title, 'rating', f.rating)
  from interview_schedules s
  join interview_feedback f on f.interview_id = s.id
  left join users u on u.id = f.written_by
 where s.application_id = %(application)s
"""
AI_SCORE = """
select a.ai_analyzed_at, 'ai_score', 'ai_score', null::integer, null::text, jsonb_build_object('score', a.ai_score)
  from job_applications a where a.id = %(application)s and a.ai_score is not null
"""


def changes_of(kind: ChangeKind, event: str) -> str:
    """What colleagues changed, before and after; not what a deleted note said."""
    return f"""
select c.created_at, c.id::text, '{event}', c.user_id, nullif({NAME}, ''),
       jsonb_build_object('before', case when c.kind = 'note_deleted' then c.before - 'note' else c.before end,
                          'after', c.after)
  from application_changes c left join users u on u.id = c.user_id
 where c.application_id = %(application)s and c.kind = '{kind}'
"""


PAGE = f"""
select {COLUMNS} from ({{rows}}) as found ({COLUMNS})
 where at is not null
   and (%(before)s::timestamptz is null
        or (at, %(source)s::text collate "C", key collate "C")
           < (%(before)s::timestamptz, %(before_source)s::text collate "C", %(before_key)s::text collate "C"))
 order by at desc, key collate "C" desc limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Source:
    """name: lower case, of its own; it is part of places that readers keep."""

    name: str
    kind: TimelineKind
    find: Callable[[Connection, "Source", Question], Sequence[Entry]]


def rows_of(statement: str) -> Callable[[Connection, Source, Question], Sequence[Entry]]:
    """A source that is a statement with %(application)s and, where it depends on who reads, %(user)s."""
    paged = PAGE.format(rows=statement)

    def find(connection: Connection, source: Source, question: Question) -> Sequence[Entry]:
        return [_entry(source, row) for row in query(connection, paged, values_of(source.name, question))]

    return find


def values_of(name: str, question: Question) -> dict[str, Any]:
    """The parameters of a source's statement."""
    before = question.before
    return {
        "application": question.application_id,
        "user": question.user_id,
        "source": name,
        "before": before and before.at,
        "before_source": before and before.source,
        "before_key": before and before.key,
        "limit": question.limit,
    }


def _entry(source: Source, row: Row) -> Entry:
    position = Position(row["at"], source.name, row["key"])
    return Entry(source.kind, row["event"], position, row["user_id"], row["user_name"], row["details"])


def notes_of(connection: Connection, source: Source, question: Question) -> Sequence[Entry]:
    """Notes lie in the application's own row; one whose time nobody knows has no place in a time line.

    Raises LookupError when the application is gone.
    """
    entries = [
        Entry(
            source.kind,
            "added",
            Position(note.created_at, source.name, note.id),
            note.user_id,
            note.user_name or None,
            {"note_id": note.id, "note": note.note},
        )
        for note in notes.find(connection, question.application_id)
        if note.created_at is not None
    ]
    behind = [entry for entry in entries if question.before is None or entry.position < question.before]
    return sorted(behind, key=lambda entry: entry.position, reverse=True)[: question.limit]
