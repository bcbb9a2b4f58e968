"""A believable e-mail template for a question: it uses the placeholders that the question offers and no others."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

_WORDS: Mapping[str, Mapping[str, str]] = {
    "French": {
        "name": "Proposition",
        "greeting": "Bonjour",
        "about": "Votre candidature",
        "thanks": "Merci de l’intérêt que vous portez à",
        "company": "notre entreprise",
        "close": "Bien cordialement,",
    },
    "English": {
        "name": "Proposal",
        "greeting": "Hello",
        "about": "Your application",
        "thanks": "Thank you for your interest in",
        "company": "our company",
        "close": "Kind regards,",
    },
}


def proposal(question: str) -> dict[str, str]:
    """From the JSON of the question, or from its plain text."""
    asked = _read(question)
    words = _WORDS.get(str(asked.get("language")), _WORDS["French"])
    offered = set(re.findall(r"\{[a-z_]+\}", question))
    wish = asked.get("wish") or {}

    def place(name: str, otherwise: str = "") -> str:
        return f"{{{name}}}" if f"{{{name}}}" in offered else otherwise

    job = place("job_title")
    company = place("company_name", words["company"])
    lines = [
        f"{words['greeting']} {place('candidate_first_name')},".replace(" ,", ","),
        f"{words['thanks']} {company}{f' ({job})' if job else ''}.",
        html.escape(str(wish.get("instructions") or "")),
        place("jobs_list"),
        f"{words['close']}<br>{place('recruiter_name', company)}",
    ]
    return {
        "name": f"{words['name']} {asked.get('type', '')}".strip(),
        "subject": f"{words['about']}{f' : {job}' if job else ''}",
        "body": "\n".join(f"<p>{line}</p>" for line in lines if line),
    }


def _read(question: str) -> dict[str, Any]:
    try:
        found = json.loads(question)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
