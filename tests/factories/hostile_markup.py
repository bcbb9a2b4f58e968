"""HTML that has cost parsers their stack, minutes or gigabytes: kinds of it, each as large as asked for."""

from collections.abc import Callable, Mapping


def _distinct(tag: str, count: int) -> str:
    return "".join(f"<{tag} id=i{number}>" for number in range(count))


KINDS: Mapping[str, Callable[[int], str]] = {
    "nested": lambda count: "<div>" * count,
    "nested and closed": lambda count: "<div>" * count + "x" + "</div>" * count,
    "nested in a comment's shadow": lambda count: "<!--></-->" + "<div>" * count + "<!--" + "</div>" * count,
    "nested behind end tags in attributes": lambda count: "<div title='</div>'>" * count,
    "nested behind end tags that end nothing": lambda count: "<div></p></td></b></x>" * count,
    "unclosed formatting": lambda count: _distinct("b", count) + "x",
    "formatting that paragraphs copy": lambda count: _distinct("font", 90) + "<p>x" * count,
    "long formatting that paragraphs copy": lambda count: "<p><font face='" + "x" * count * 70 + "'>" + "<p>x" * count,
    "formatting that tables copy": lambda count: _distinct("b", 90) + "<table><tr>x" * count,
    "adoption": lambda count: "<a>" + "<b><div>" * count + "</a>",
    "adoption again and again": lambda count: "<b><i><p></b></i>" * count,
    "tables in tables": lambda count: "<table><tr><td>" * count,
    "tables without cells": lambda count: "<table>" * count + "x",
    "foster children": lambda count: "<table><b><p>x" * count,
    "lists": lambda count: "<ul><li>" * count,
    "lists in pieces": lambda count: "<li><p><dd><dt>" * count,
    "headings": lambda count: "<h1><h2><b>" * count,
    "templates": lambda count: "<template>" * count + "x",
    "drawings": lambda count: "<svg>" + "<g>" * count + "<p>x",
    "formulas": lambda count: "<math><mi><annotation-xml encoding='text/html'>" * count,
    "selections": lambda count: "<select><option><table>" * count,
    "raw text": lambda count: "<title><textarea><style><xmp>" * count,
    "sections of data": lambda count: "<![CDATA[<div>" * count + "]]>" * count,
    "open comments": lambda count: "<!-" * count + "<!--" * count,
    "open tags": lambda count: "<p " * count,
    "open quotes": lambda count: "<p a='b=\"c" * count,
    "attributes": lambda count: "<p " + " ".join(f"a{number}=1" for number in range(count)) + ">x",
    "attributes of one name": lambda count: "<p " + "class=x " * count + ">x",
    "long numbers": lambda count: "&#" + "9" * count + ";",
    "many references": lambda count: "&#x26;&notit;&" * count,
    "rules for elements": lambda count: (
        "<style>" + "".join(f"p{{color:#{number % 1000:03}}}" for number in range(count)) + "</style>" + "<p>x" * count
    ),
    "long rules for elements": lambda count: (
        ("<style>p{" + "".join(f"border-x{'y' * (number % 40)}:1px;" for number in range(count)) + "}</style>")
        + "<p>x" * count
    ),
    "selectors with steps": lambda count: "<style>" + "b b>b b{color:red}" * count + "</style>" + "<b><p>" * count,
    "selectors with siblings": lambda count: "<style>" + "p~p~p+p{color:red}" * count + "</style>" + "<p>x" * count,
    "selectors in selectors": lambda count: "<style>" + ":not(:has(" * count + "p{color:red}</style><p>x",
    "one long selector": lambda count: "<style>" + "a" * count + "!{color:red}</style><p>x",
    "blocks in blocks": lambda count: "<style>" + "@media{" * count + "p{color:red}</style><p>x",
    "open strings in sheets": lambda count: "<style>" + "p{font:'" * count + "</style><p>x",
    "long styles": lambda count: "<p style='" + "color:red;" * count + "'>x",
    "brackets in styles": lambda count: "<p style='color:" + "(" * count + "'>x",
    "images": lambda count: "<img alt=''>" * count + "<div>x" * min(count, 90),
    "placeholders": lambda count: "{job_title}" * count,
    "placeholders in links": lambda count: "<a href='{job_title}'>x</a>" * count,
    "parted placeholders": lambda count: "{<b></b>" * count + "job_title}",
    "a brace before empty words": lambda count: "{" + "<x>\x01" * count,
    "open braces": lambda count: "{" * count,
    "braces": lambda count: "{" * count + "x" + "}" * count,
    "braces with blanks": lambda count: "{ job " * count,
    "schemes": lambda count: "http:" * count,
    "slashes": lambda count: "http:/" + "/" * count,
    "lines": lambda count: "x\n" * count,
    "text": lambda count: "é" * count,
}
