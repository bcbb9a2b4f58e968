"""The order in which people read a page: line by line from the top, columns one after the other."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from worker.services.recommendations.cvs.reading.pdf.directions import as_read
from worker.services.recommendations.cvs.reading.pdf.glyphs import Glyph
from worker.services.recommendations.cvs.reading.pdf.runs import JOINED, Run, runs, turned

Span = tuple[float, float]

# Shares of the size of letters.
ASCENT = 0.8
DESCENT = 0.2
SAME_LINE = 0.5
GUTTER = 1.0
DEEPEST = 4
# Of the lines of a column, how many stand beside one of the other in a table.
BESIDE = 0.7


@dataclass(slots=True)
class Band:
    """Runs on one line, wherever on the page. spans: what they take up of its width."""

    runs: list[Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        ordered = sorted(self.runs, key=lambda run: run.start)
        parts = [ordered[0].text]
        for before, run in pairwise(ordered):
            near = abs(run.start - before.end) < JOINED * min(run.size, before.size)
            parts.append(run.text if near else f" {run.text}")
        return as_read("".join(parts))


def lines(glyphs: Sequence[Glyph]) -> list[str]:
    """What runs in another direction than most comes after it."""
    by_quarter: dict[int, list[Glyph]] = defaultdict(list)
    for glyph in glyphs:
        by_quarter[glyph.quarter].append(glyph)
    ordered = sorted(by_quarter.items(), key=lambda item: -len(item[1]))
    return [line for quarter, some in ordered for line in _read(runs(turned(some, quarter)), 0)]


def _read(found: Sequence[Run], depth: int) -> list[str]:
    if not found:
        return []
    gutter = GUTTER * median(run.size for run in found)
    read: list[str] = []
    for bands, spans in _regions(_bands(found), gutter):
        columns = _columns(bands, spans) if len(spans) > 1 and depth < DEEPEST else []
        if _is_table(columns):
            read += [band.text for band in bands]
        else:
            read += [line for column in columns for line in _read(column, depth + 1)]
    return read


def _bands(found: Sequence[Run]) -> list[Band]:
    """From the top to the bottom."""
    bands: list[Band] = []
    for run in sorted(found, key=lambda run: -run.height):
        if bands and _on_one_line(max(bands[-1].runs, key=lambda each: each.size), run):
            bands[-1].runs.append(run)
        else:
            bands.append(Band([run]))
    return bands


def _on_one_line(first: Run, second: Run) -> bool:
    """Whether they are side by side for the most part: a figure above the line is."""
    top = min(first.height + ASCENT * first.size, second.height + ASCENT * second.size)
    bottom = max(first.height - DESCENT * first.size, second.height - DESCENT * second.size)
    return top - bottom > SAME_LINE * min(first.size, second.size)


def _regions(bands: Sequence[Band], gutter: float) -> list[tuple[list[Band], list[Span]]]:
    """Bands that follow each other and leave the same gutters free, with what they take up between these."""
    regions: list[tuple[list[Band], list[Span]]] = []
    for band in bands:
        own = _merged([(run.start, run.end) for run in band.runs], gutter)
        if regions:
            others, taken = regions[-1]
            both = _merged([*taken, *own], gutter)
            if len(both) > 1 or (len(own) == len(taken) == 1):
                others.append(band)
                taken[:] = both
                continue
        regions.append(([band], own))
    return regions


def _merged(spans: Sequence[Span], gutter: float) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start - merged[-1][1] < gutter:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _columns(bands: Sequence[Band], spans: Sequence[Span]) -> list[list[Run]]:
    columns: list[list[Run]] = [[] for _ in spans]
    for run in (run for band in bands for run in band.runs):
        place = next(number for number, (_, end) in enumerate(spans) if run.start <= end)
        columns[place].append(run)
    return columns


def _is_table(columns: Sequence[Sequence[Run]]) -> bool:
    """Its cells stand beside each other, and the file goes from one column to the other all the time. One column is
    read like a table of one.
    """
    if len(columns) < 2:
        return True
    kept = [_bands(column) for column in columns]
    fewest = min(map(len, kept))
    heights = [band.runs[0].height for band in min(kept, key=len)]
    others = [band.runs[0].height for each in kept if each is not min(kept, key=len) for band in each]
    size = median(run.size for column in columns for run in column)
    beside = sum(any(abs(height - other) < SAME_LINE * size for other in others) for height in heights)
    place = {run.number: number for number, column in enumerate(columns) for run in column}
    changes = sum(place[first] != place[second] for first, second in pairwise(sorted(place)))
    return beside >= BESIDE * fewest and changes >= fewest
