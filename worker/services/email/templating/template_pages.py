"""Pages of templates' texts: bounded in rows and in bytes, for whoever writes a text decides its size."""

from worker.services.email.templating.bounds import LARGEST_SOURCE

PAGE_BYTES = 1_000_000
LONGEST_SHOWN_SUBJECT = 501


def sql(columns: str, source: str, order: str) -> str:
    """A statement for rows of `source` from %(offset)s, at most %(limit)s and PAGE_BYTES of texts, but one at least.

    `columns` has "subject, body" as neighbours. What exceeds what can be saved is cut just above that: shown, it fills
    no memory, and sent back, it is refused.
    """
    cut = columns.replace(
        "subject, body",
        f"left(subject, {LONGEST_SHOWN_SUBJECT}) as subject, left(body, {LARGEST_SOURCE + 1}) as body",
    )
    return f"""
with page as (
    select {cut}, row_number() over (order by {order}) as place from {source}
     order by {order} limit %(limit)s offset %(offset)s),
sized as (
    select page.*, sum(octet_length(subject) + octet_length(body)) over (order by place) as size,
           min(place) over () as first
      from page)
select * from sized where place = first or size <= {PAGE_BYTES} order by place
"""
