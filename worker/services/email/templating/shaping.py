"""Anybody's HTML written anew: balanced, escaped, of known elements, with nothing that a parser would have to guess.

The parsers in native code build their trees by recursion, and repair what is nested wrongly by copying elements. What
stands here leaves them nothing to repair: a paragraph holds no block, a table only rows and cells, every element ends
inside the one it began in. So their trees are as deep and as large as what was counted while writing.
"""

import html
import re
from dataclasses import dataclass, field

from typing_extensions import override

from worker.services.email.templating import addresses, bounds, elements, sheets, tokens
from worker.services.email.templating.tokens import Tag

_BREAK = re.compile(r"[\r\n]")
_KEPT_FOR_SHEETS = frozenset({"class", "id"})


@dataclass(slots=True)
class Piece:
    """Text as it is read, or a tag as it is written; an inline tag is no boundary between words."""

    text: str = ""
    markup: str = ""
    inline: bool = True

    @override
    def __str__(self) -> str:
        return self.markup or html.escape(self.text, quote=False)


@dataclass(frozen=True, slots=True)
class Shape:
    """`pieces` are a fragment; `rules` are its style sheets'. `links`: where its links lead."""

    pieces: tuple[Piece, ...]
    rules: tuple[sheets.Rule, ...]
    links: tuple[str, ...]
    elements: int
    depth: int

    @property
    def html(self) -> str:
        return "".join(map(str, self.pieces))

    @property
    def text(self) -> str:
        """What is read, with a line break at each boundary of blocks."""
        words = (_BREAK.sub(" ", each.text) if not each.markup else "" if each.inline else "\n" for each in self.pieces)
        return "".join(words)


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that has begun. `outside`: the formatting that waits behind a cell's walls."""

    name: str
    markup: str
    outside: tuple["_Open", ...] = ()


def shape(source: str) -> Shape:
    """Raises Unfit for more elements, or deeper ones, than `bounds` lets pass."""
    bounds.check_source(source)
    writer = _Writer()
    for token in tokens.read(source):
        writer.take(token)
    return writer.finish()


@dataclass
class _Writer:
    pieces: list[Piece] = field(default_factory=list)
    rules: list[sheets.Rule] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    elements: int = 0
    depth: int = 0
    tags: int = 0
    _open: list[_Open] = field(default_factory=list)
    _waiting: list[_Open] = field(default_factory=list)
    _silent: list[str] = field(default_factory=list)

    def take(self, token: tokens.Token) -> None:
        if isinstance(token, Tag) and (self._silent or token.name in elements.SILENT):
            self._keep_silent(token)
        elif self._silent:
            return
        elif isinstance(token, tokens.Sheet):
            self.rules.extend(sheets.rules(token.rules))
        elif isinstance(token, tokens.Words):
            self._write(token.text)
        elif token.closes and token.name != "br":
            self._end(token.name)
        elif token.name in elements.KNOWN:
            self._start(token)

    def finish(self) -> Shape:
        self._leave(0)
        bounds.check_styles(
            sum(len(each.selectors) for each in self.rules),
            sum(len(each.declarations) * len(each.selectors) for each in self.rules),
            self.elements,
        )
        return Shape(tuple(self.pieces), tuple(self.rules), tuple(self.links), self.elements, self.depth)

    def _keep_silent(self, tag: Tag) -> None:
        """Pass over everything up to the end of the outermost element whose content is not for the reader."""
        if tag.closes:
            if self._silent and tag.name == self._silent[-1]:
                self._silent.pop()
        elif not tag.empty and (not self._silent or tag.name == self._silent[-1]):
            self._silent.append(tag.name)

    def _write(self, text: str) -> None:
        if not text:
            return
        if text.strip():
            self._make_room()
            self._resume()
        self.pieces.append(Piece(text))

    def _start(self, tag: Tag) -> None:
        name = tag.name
        if name in elements.TABLE and name != "table":
            self._table_part(tag)
            return
        self._make_room()
        if name in elements.BLOCKS:
            if any(each.name not in elements.FORMATTING for each in self._waiting):
                self._resume()
            self._end_implied(tag)
        else:
            if name == "a":
                self._leave_if_open({"a"}, elements.SCOPE)
                self._waiting = [each for each in self._waiting if each.name != "a"]
            self._resume()
        self._enter(name, self._written(tag))

    def _end_implied(self, tag: Tag) -> None:
        """What a block ends without saying so: the paragraph, the item before, a heading."""
        if tag.name in elements.ITEMS:
            self._leave_if_open(elements.ITEMS[tag.name], elements.ITEM_SCOPE - elements.ITEMS[tag.name])
        self._leave_if_open({"p"}, elements.SCOPE)
        self._end_heading(tag.name)

    def _end_heading(self, name: str) -> None:
        """A heading right in a heading is none of its words."""
        if name in elements.HEADINGS and self._open and self._open[-1].name in elements.HEADINGS:
            self._leave(len(self._open) - 1)

    def _end(self, name: str) -> None:
        if name not in elements.KNOWN or name in elements.VOID:
            return
        wanted = elements.HEADINGS if name in elements.HEADINGS else {name}
        scope = {"table"} if name in elements.TABLE else elements.SCOPE
        place = self._find(wanted, scope - wanted)
        if place is None:
            self._forget(name)
        elif name in elements.FORMATTING:
            self._part(place)
        elif name in elements.BOUNDARIES or not any(each.name in elements.BLOCKS for each in self._open[place + 1 :]):
            self._leave(place)

    def _part(self, place: int) -> None:
        """End formatting; what began inside it goes on behind it."""
        inside = self._open[place + 1 :]
        self._leave(place)
        self._waiting = [each for each in self._waiting if each not in inside] + inside

    def _forget(self, name: str) -> None:
        """End what waits to go on."""
        for place in range(len(self._waiting) - 1, -1, -1):
            if self._waiting[place].name == name:
                del self._waiting[place]
                return

    def _table_part(self, tag: Tag) -> None:
        table = self._find({"table"}, set())
        if table is None:
            return
        if tag.name in elements.SECTIONS:
            self._leave(table + 1)
        elif tag.name == "tr":
            self._leave(self._row_place(table))
        else:
            self._leave_cell(table)
            self._require_row(table)
        self._enter(tag.name, self._written(tag))

    def _row_place(self, table: int) -> int:
        within = table + 1
        return within + 1 if len(self._open) > within and self._open[within].name in elements.SECTIONS else within

    def _leave_cell(self, table: int) -> None:
        place = self._find(elements.CELLS, set(), table + 1)
        if place is not None:
            self._leave(place)

    def _require_row(self, table: int) -> None:
        if self._find({"tr"}, set(), table + 1) is None:
            self._leave(self._row_place(table))
            self._enter("tr", "<tr>")

    def _make_room(self) -> None:
        """Content between a table's cells gets a cell of its own: a parser would throw it out of the table."""
        if self._open and self._open[-1].name in elements.ROWS:
            if self._open[-1].name != "tr":
                self._enter("tr", "<tr>")
            self._enter("td", "<td>")

    def _resume(self) -> None:
        """Begin again what was interrupted by the end of something around it."""
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            self._end_heading(each.name)
            self._enter(each.name, each.markup)

    def _find(self, wanted: set[str] | frozenset[str], scope: set[str] | frozenset[str], least: int = 0) -> int | None:
        """The innermost open element of these names, unless one of `scope` stands around us before it."""
        for place in range(len(self._open) - 1, least - 1, -1):
            name = self._open[place].name
            if name in wanted:
                return place
            if name in scope:
                return None
        return None

    def _leave_if_open(self, wanted: set[str] | frozenset[str], scope: frozenset[str]) -> None:
        place = self._find(wanted, scope)
        if place is not None:
            self._leave(place)

    def _enter(self, name: str, markup: str) -> None:
        self.elements += 1
        bounds.check_elements(self.elements)
        self.tags += len(markup)
        bounds.check_tags(self.tags)
        self.pieces.append(Piece(markup=markup, inline=name not in elements.BOUNDARIES | {"br", "img"}))
        if name in elements.VOID:
            return
        self._open.append(_Open(name, markup, tuple(self._waiting) if name in elements.CELLS else ()))
        if name in elements.CELLS:
            self._waiting = []
        self.depth = max(self.depth, len(self._open) + len(self._waiting))
        bounds.check_depth(self.depth)

    def _leave(self, place: int) -> None:
        """End the element at `place` and all in it. Formatting goes on behind it, but not beyond its cell."""
        ended = self._open[place:]
        for each in reversed(ended):
            self.pieces.append(Piece(markup=f"</{each.name}>", inline=each.name not in elements.BOUNDARIES))
        del self._open[place:]
        walls = [number for number, each in enumerate(ended) if each.name in elements.CELLS]
        if walls:
            self._waiting = list(ended[walls[0]].outside)
            ended = ended[: walls[0]]
        self._waiting += [each for each in ended[1:] if each.name in elements.FORMATTING]

    def _written(self, tag: Tag) -> str:
        kept = "".join(self._attribute(tag.name, *each) for each in tag.attributes.items())
        return f"<{tag.name}{kept}>"

    def _attribute(self, tag: str, name: str, value: str) -> str:
        if name not in _KEPT_FOR_SHEETS | elements.ATTRIBUTES["*"] | elements.ATTRIBUTES.get(tag, frozenset()):
            return ""
        if name == "href":
            value = addresses.mended(value)
            self.links.append(value)
        return f' {name}="{html.escape(value)}"'
