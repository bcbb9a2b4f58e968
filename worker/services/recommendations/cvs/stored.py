"""The texts of CVs as they are kept: one per file, and for each candidate which file is at the place he named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.database import Row, execute, query
from worker.services.recommendations.cvs.outcomes import CvOutcome, CvText

EXTRACTOR = 1
"""Raised when the same file is read differently: what an earlier one made of it is read anew."""

NOTHING = CvText(None, CvOutcome.NONE)
PENDING = CvText(None, CvOutcome.PENDING)

PLACES = """
select c.id as candidate_id, coalesce(newest.place, nullif(btrim(c.cv_url), '')) as place
  from candidates c
  left join lateral (
       select btrim(v.file_path) as place from candidate_cvs v
        where v.candidate_id = c.id and v.is_active is not false and btrim(v.file_path) <> ''
        order by v.created_at desc nulls last, v.id desc limit 1) newest on true
 where c.id = any(%(ids)s)
"""
TEXTS = f"""
select p.candidate_id, p.place, f.candidate_id is not null as known, f.version, f.outcome as failure, t.digest,
       t.text, t.outcome, t.hidden_characters
  from ({PLACES}) p
  left join cv_files f on f.candidate_id = p.candidate_id and f.place = p.place
  left join cv_texts t on t.digest = f.digest and t.extractor = %(extractor)s
"""
SAME_FILE = """
update cv_texts set used_at = now() where digest = %(digest)s and extractor = %(extractor)s
returning text, outcome, hidden_characters
"""
KEEP_TEXT = """
insert into cv_texts (digest, extractor, outcome, text, hidden_characters)
values (%(digest)s, %(extractor)s, %(outcome)s, %(text)s, %(hidden_characters)s)
on conflict (digest) do update
   set extractor = excluded.extractor, outcome = excluded.outcome, text = excluded.text,
       hidden_characters = excluded.hidden_characters, used_at = now()
"""
# Whoever was deleted meanwhile keeps nothing.
KEEP_FILE = """
insert into cv_files (candidate_id, place, version, digest, outcome)
select c.id, %(place)s, %(version)s, %(digest)s, %(outcome)s from candidates c where c.id = %(candidate_id)s
   for key share
on conflict (candidate_id) do update
   set place = excluded.place, version = excluded.version, digest = excluded.digest, outcome = excluded.outcome,
       checked_at = now()
"""


@dataclass(frozen=True, slots=True)
class KnownCv:
    """What is known of a candidate's CV. place: None where he named none. version: of the file at this very place that
    was read as `cv` says.
    """

    candidate_id: int
    place: str | None
    version: str | None
    cv: CvText


def stored_texts(connection: Connection, candidate_ids: Sequence[int]) -> Mapping[int, CvText]:
    """Of each candidate asked for. PENDING: the file at the place he names now was not looked at yet."""
    known = {each.candidate_id: each.cv for each in known_cvs(connection, candidate_ids)}
    return {candidate_id: known.get(candidate_id, NOTHING) for candidate_id in candidate_ids}


def known_cvs(connection: Connection, candidate_ids: Sequence[int]) -> list[KnownCv]:
    rows = query(connection, TEXTS, {"ids": list(candidate_ids), "extractor": EXTRACTOR})
    return [_known(row) for row in rows]


def same_file(connection: Connection, digest: bytes) -> CvText | None:
    """What was made of these very bytes, whoever's they are."""
    rows = query(connection, SAME_FILE, {"digest": digest, "extractor": EXTRACTOR})
    return _read(rows[0]) if rows else None


def keep(
    connection: Connection, known: KnownCv, cv: CvText, *, version: str | None = None, digest: bytes | None = None
) -> None:
    """digest: of the file's bytes, None where there was none to be had."""
    outcome = cv.outcome.value
    if digest is not None:
        values = {"text": cv.text, "outcome": outcome, "hidden_characters": cv.hidden_characters}
        execute(connection, KEEP_TEXT, {"digest": digest, "extractor": EXTRACTOR, **values})
    place = {"candidate_id": known.candidate_id, "place": known.place}
    failure = outcome if digest is None else None
    execute(connection, KEEP_FILE, {**place, "version": version, "digest": digest, "outcome": failure})


def forget(connection: Connection, candidate_id: int) -> None:
    """The file that a candidate had; its text goes with the next upkeep, unless somebody else has the same one."""
    execute(connection, "delete from cv_files where candidate_id = %s", (candidate_id,))


def _known(row: Row) -> KnownCv:
    if row["place"] is None:
        return KnownCv(row["candidate_id"], None, None, NOTHING)
    if row["digest"] is not None:
        return KnownCv(row["candidate_id"], row["place"], row["version"], _read(row))
    cv = CvText(None, CvOutcome(row["failure"])) if row["known"] and row["failure"] else PENDING
    return KnownCv(row["candidate_id"], row["place"], None, cv)


def _read(row: Row) -> CvText:
    return CvText(row["text"], CvOutcome(row["outcome"]), row["hidden_characters"])
