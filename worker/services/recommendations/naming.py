"""The things that a sentence names: proper names, abbreviations, technologies, numbers."""

import re
from collections.abc import Iterator

from worker.services.matching.normalise import fold
from worker.services.recommendations.evidence import Evidence, numbers

_WORD = re.compile(r"[^\W_](?:[\w+#&]|[.'’-](?=\w))*")
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s$")
_BEGINNING = re.compile(r"(?:^|[.!?…:;]\s|[«\"(–—]\s?)$")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Abbreviations and names of languages that everybody writes so, whatever the texts say.
_EVERYBODYS = _listed(
    """
    africain africaine african anglais arabe arabic bac c'est cdd cdi cv english espagnol f francais french ft h
    hr i ia it n/a ok pme portugais portuguese rh spanish
    """
)
# Words that begin a sentence; another one there that is in neither text may be a name.
_OPENERS = _listed(
    """
    a ability about above absence absent accompagnement according activite activites adaptation after ainsi
    aisance all almost along already also although an analyse ancien ancienne and any apart apparent appears
    applied apprentissage approfondir appui apres around as aspect assez at atout atouts attention au aucun
    aucune aussi autonome autonomie autonomous avec awareness bac background base based bases basic beyond bien
    bilingual bilingue bon bonne bonnes bons both brings broad builds built but by c'est can candidat candidate
    candidats candidature capable capacite capacites ce cela certain certaines certains certification
    certifications ces cet cette clear clearly common communication competence competences competent complet
    complete conception concrete conduite confirm confirmation confirmed confirmer connaissance connaissances
    connait consider convoquer convoquez correspond correspondance could coverage covers creation culture d dans
    de debut degree demonstrated demonstrates demontre des despite detailed developed developpement developper
    diplome diplomes direct dispose diversite does domaine donc du each early ecart education elements en
    encadrement encore enough entretien environ especially esprit est et etudes even evidence exactly excellent
    excellente existing expectations experience experienced experiences experimente experimentee expert
    expertise expose exposition exposure fairly familiar familiarite familiarity few fit fluency fluent follow
    for formation formations fort forte fortes found from full gap general generally gestion good gout grande
    had handled handles hands-on has haute have held high highly hired holding holds il ils implication
    important in inconnu indique insufficient insuffisant interesting interet interview invite invitez is it
    junior justifie keep key know knowledge known la lack lacked lacking lacks language languages langue langues
    large le leads led les less level limited little logiciel logiciels long low mais maitrisant maitrise malgre
    managed management manages manquant manque manquent many mastery match matching maximum meets mention
    methode methodes minimal missing mission missions moderate moins montre more most motivated motive motivee
    moyen moyenne much name nearly neither niveau no non none not note nothing notions of offers on only or
    organise organised organisee organized other ou outils overall par parcours parfait parfaite partial partiel
    partielle pas perfect person personne peu pilotage plus plutot point points polyvalent polyvalente position
    possede possesses possible poste potential pour practical pratique present presente pretentions preuve
    preuves previous prevoir prior prise probable proficiency proficient profil profile progression projets
    proposer proven qualification qualites quelques question rather real realisation recent recente recommande
    recommended redaction reel reelle reels reference references related relation relations relevance relevant
    reliable rencontrer repond required responsabilites responsable responsible reste resultats rien right
    rigorous rigoureuse rigoureux role sa salaire sans satisfait savoir score secteur see seems senior sens
    several short should shown shows significant similar since skill skilled skills slight so soft solid solide
    solides some son sound sous specialised specialized specific still strong studies sufficient suitable suivi
    supervision sur taught technical technique tel telle tenue that the there these they this those though
    through title titre to too total tout toute toutes track trained training travail travaille tres un unclear
    under understanding une unknown usage use used uses utile utilisation valid valider valuable verified
    verifier verify very vision vu wants weak well what while wide with without work worked worth would written
    years yes
    """
)


def names_nothing_unknown(sentence: str, known: Evidence) -> bool:
    """Whether everything that the sentence names stands in the texts."""
    return all(known.has_number(each) for each in numbers(sentence)) and all(
        known.knows(name) for name in _names(sentence)
    )


def _names(sentence: str) -> Iterator[str]:
    for found in _WORD.finditer(sentence):
        word = _POSSESSIVE.sub("", _ELIDED.sub("", found[0]))
        if word and _is_name(word, first=bool(_BEGINNING.search(sentence[: found.start()]))):
            yield word


def _is_name(word: str, *, first: bool) -> bool:
    folded = fold(word)
    if folded in _EVERYBODYS:
        return False
    if any(letter.isupper() for letter in word[1:]) or any(sign in word for sign in "+#&"):
        return True
    return word[0].isupper() and not (first and folded in _OPENERS)
