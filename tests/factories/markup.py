"""HTML as a reader's program sees it."""

from html.parser import HTMLParser

from typing_extensions import override


class Structure(HTMLParser):
    """Tags with the names of their attributes, in order, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.addresses: list[str] = []
        self.styles: list[str] = []
        self.feed(html)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src"}]
        self.styles += [value or "" for name, value in attrs if name == "style"]

    @override
    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))
