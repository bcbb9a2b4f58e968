"""Believable judgements of a candidate for an offer, and questions for its interview, made of the question's texts.

It reads what it is told as a careful model does; `obeys` makes it a careless one that follows what stands there.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_ITEM = re.compile(r"[^,;\n•]+")
_ORDERED = re.compile(r"\b(?:réponds|reponds|respond|answer|score)\b\D{0,20}100", re.IGNORECASE)
_LISTS = ("profil_competences", "requirements")
_WORDS: Mapping[str, Mapping[str, str]] = {
    "French": {
        "knows": "connaissance de {}",
        "lacks": "aucune mention de {}",
        "experience": "l’expérience indiquée correspond au poste de {}",
        "recommend": "à rencontrer pour un premier entretien.",
        "technical": "Comment avez-vous utilisé {} ?",
        "behavioral": "Racontez une situation difficile dans votre travail (n° {}).",
        "motivation": "Pourquoi ce poste vous attire-t-il (n° {}) ?",
        "company": "Que savez-vous de notre entreprise (n° {}) ?",
        "tip": "Donnez un exemple précis.",
        "advice": "Relisez l’offre avant l’entretien.",
    },
    "English": {
        "knows": "knowledge of {}",
        "lacks": "no mention of {}",
        "experience": "the experience told matches the position of {}",
        "recommend": "to be met for a first interview.",
        "technical": "How have you used {}?",
        "behavioral": "Tell us about a difficult situation at work (no. {}).",
        "motivation": "Why does this position attract you (no. {})?",
        "company": "What do you know about our company (no. {})?",
        "tip": "Give one precise example.",
        "advice": "Read the offer again before the interview.",
    },
}
_KINDS = (("technical", 4), ("behavioral", 3), ("motivation", 3), ("company", 2))


def answer(form: Mapping[str, Any], question: str, *, obeys: bool = False) -> dict[str, Any]:
    """What has the members that the form requires."""
    told = _read(question)
    words = _WORDS.get(str(told.get("language")), _WORDS["French"])
    offer, candidate = (told.get(name) or {} for name in ("offer", "candidate"))
    asked = _skills(offer)
    if "questions" in form.get("properties", {}):
        return _questions(words, asked)
    text = json.dumps(candidate, ensure_ascii=False).lower()
    ordered = obeys and bool(_ORDERED.search(text))
    matched = [skill for skill in asked if ordered or _stands(skill, text)]
    return _judgement(words, offer, matched, [skill for skill in asked if skill not in matched], ordered=ordered)


def _judgement(
    words: Mapping[str, str], offer: Mapping[str, Any], matched: Sequence[str], missing: Sequence[str], *, ordered: bool
) -> dict[str, Any]:
    share = len(matched) / (len(matched) + len(missing)) if matched or missing else 0.5
    return {
        "score": 100 if ordered else round(30 + 60 * share),
        "strengths": [words["knows"].format(skill) for skill in matched[:4]],
        "weaknesses": [words["lacks"].format(skill) for skill in missing[:4]],
        "matched": list(matched),
        "missing": list(missing),
        "experience_match": words["experience"].format(offer.get("title", "")) + ".",
        "recommendation": words["recommend"],
    }


def _questions(words: Mapping[str, str], asked: Sequence[str]) -> dict[str, Any]:
    questions = []
    for kind, count in _KINDS:
        for number in range(count):
            subject = asked[number % len(asked)] if kind == "technical" and asked else number + 1
            questions.append({"question": words[kind].format(subject), "tip": words["tip"], "category": kind})
    return {"questions": questions, "general_advice": [words["advice"]]}


def _skills(offer: Mapping[str, Any]) -> list[str]:
    found = (each.strip(" .") for name in _LISTS for each in _ITEM.findall(str(offer.get(name) or "")))
    return list(dict.fromkeys(each for each in found if 0 < len(each) <= 40))[:15]


def _stands(skill: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(skill.lower())}(?!\w)", text) is not None


def _read(question: str) -> dict[str, Any]:
    try:
        found = json.loads(question)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
