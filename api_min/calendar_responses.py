"""Calendar files as answers."""

from flask import Response

from worker.services.interviews.calendar_files import CalendarFile

CALENDAR = "text/calendar"


def calendar_response(file: CalendarFile, name: str, *, attached: bool = False) -> Response:
    """name: of the file, ASCII. attached: browsers offer it to a program instead of showing its text.

    The address that leads to it is a permission: no other site may read it from a link, no search engine keep it.
    """
    disposition = "attachment" if attached else "inline"
    return Response(
        file.content,
        content_type=file.content_type,
        headers={
            "Content-Disposition": f'{disposition}; filename="{name}"',
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow",
        },
    )
