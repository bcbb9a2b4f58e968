"""The things that a sentence names: proper names, abbreviations, technologies, numbers."""

import re
from collections.abc import Iterator

from worker.services.matching.normalise import fold
from worker.services.recommendations.evidence import Evidence, numbers

_WORD = re.compile(r"[^\W_](?:[\w+#&]|[.'’-](?=\w))*")
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
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
    a ability about above absence absent accompagnement according adaptation after ainsi aisance all almost
    along already also although an analyse and any apart apparent appears apprentissage approfondir apres around
    as aspect assez at atout atouts attention au aucun aucune aussi autonome autonomie autonomous avec awareness
    bac background base based bases basic beyond bien bilingual bilingue bon bonne bonnes bons both brings broad
    but by c'est can candidat candidate candidats candidature capable capacite capacites ce cela certain
    certaines certains ces cet cette clear clearly common communication competence competences competent complet
    complete concrete confirm confirmed confirmer connaissance connaissances connait consider convoquer
    convoquez correspond correspondance could culture d dans de degree demonstrated demonstrates demontre des
    despite detailed developed developper diplome diplomes direct dispose diversite does domaine donc du each
    early ecart education elements en encore entretien environ especially esprit est et etudes even evidence
    excellent excellente existing expectations experience experienced experiences experimente experimentee
    expert expertise exposure fairly familiar familiarite familiarity few fit follow for formation formations
    fort forte fortes found from full gap general generally gestion good gout grande had hands-on has haute have
    held high highly holds il ils important in inconnu indique insufficient insuffisant interesting interet
    interview invite invitez is it justifie keep key know knowledge known la lack lacking lacks langue langues
    large le les less level limited little long low mais maitrisant maitrise malgre manquant manque manquent
    many match matching maximum mention missing mission missions moderate moins montre more most motivated
    motive motivee moyen moyenne much name nearly neither niveau no non none not note notions of offers on only
    or organise organised organisee organized other ou overall par parcours parfait parfaite partial partiel
    partielle pas perfect person personne peu plus plutot point points polyvalent polyvalente position possede
    possesses possible potential pour practical pratique present presente pretentions prevoir prise probable
    proficiency proficient profil profile proposer proven qualification qualites quelques question rather recent
    recente recommande recommended reel reelle reels reference references related relation relations relevant
    reliable rencontrer repond required reste rien right rigorous rigoureuse rigoureux role sa salaire sans
    satisfait savoir score secteur see seems sens several short should shown shows significant similar since
    skill skills slight so solid solide solides some son sound sous specific still strong sufficient suitable
    suivi sur technical technique tel telle that the there these they this those though through title titre to
    too total tout toute toutes track travail travaille tres un unclear understanding une unknown usage utile
    utilisation valid valider verifier very vision vu wants weak well what while wide with without work worked
    would years yes
    """
)


def names_nothing_unknown(sentence: str, known: Evidence) -> bool:
    """Whether everything that the sentence names stands in the texts."""
    return all(known.has_number(each) for each in numbers(sentence)) and all(
        known.knows(name) for name in _names(sentence)
    )


def _names(sentence: str) -> Iterator[str]:
    for found in _WORD.finditer(sentence):
        word = _ELIDED.sub("", found[0])
        if word and _is_name(word, first=bool(_BEGINNING.search(sentence[: found.start()]))):
            yield word


def _is_name(word: str, *, first: bool) -> bool:
    folded = fold(word)
    if folded in _EVERYBODYS:
        return False
    if any(letter.isupper() for letter in word[1:]) or any(sign in word for sign in "+#&"):
        return True
    return word[0].isupper() and not (first and folded in _OPENERS)
