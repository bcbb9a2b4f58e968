"""Questions that most interviews hold, with tips: for whoever cannot have his own written."""

from collections.abc import Mapping, Sequence

from worker.contracts.scoring import Category, Preparation, Question
from worker.contracts.usage import Usage
from worker.kit.localisation import message, translate

BANK = "bank-1"
"""The model of what comes from here."""

_QUESTIONS: Mapping[Category, Sequence[tuple[str, str]]] = {
    Category.TECHNICAL: (
        (
            message("Quelles compétences demandées pour « %(title)s » maîtrisez-vous le mieux ?"),
            message("Choisissez-en deux ou trois de l’offre et dites où vous les avez utilisées."),
        ),
        (
            message("Décrivez une mission proche de ce poste : votre rôle, vos outils et le résultat."),
            message("Donnez des faits : durée, taille de l’équipe, chiffres obtenus."),
        ),
        (
            message("Quel problème difficile de votre métier avez-vous résolu, et comment ?"),
            message("Expliquez le problème en une phrase, puis ce que vous avez fait vous-même."),
        ),
        (
            message("Comment tenez-vous vos connaissances à jour pour un poste comme « %(title)s » ?"),
            message("Citez une formation, une lecture ou un essai récent, et ce que vous en avez tiré."),
        ),
    ),
    Category.BEHAVIORAL: (
        (
            message("Racontez un désaccord dans une équipe et la façon dont il a pris fin."),
            message("Restez factuel : la situation, votre action, le résultat, ce que vous avez appris."),
        ),
        (
            message("Parlez d’une erreur que vous avez commise au travail."),
            message("Choisissez une vraie erreur et montrez ce que vous avez changé ensuite."),
        ),
        (
            message("Comment vous organisez-vous lorsque plusieurs échéances tombent en même temps ?"),
            message("Décrivez votre méthode sur un exemple, avec vos priorités."),
        ),
    ),
    Category.MOTIVATION: (
        (
            message("Pourquoi ce poste vous intéresse-t-il ?"),
            message("Reliez deux éléments précis de l’offre à votre parcours."),
        ),
        (
            message("Où aimeriez-vous en être dans trois ans ?"),
            message("Montrez un projet réaliste auquel ce poste contribue."),
        ),
        (
            message("Qu’attendez-vous de votre prochain employeur ?"),
            message("Nommez ce qui vous aide à bien travailler plutôt que des avantages."),
        ),
    ),
    Category.COMPANY: (
        (
            message("Que savez-vous de notre entreprise et de ses clients ?"),
            message("Lisez son site et ses actualités avant l’entretien et retenez deux faits."),
        ),
        (
            message("Quelles questions souhaitez-vous nous poser ?"),
            message("Préparez-en deux ou trois sur l’équipe, les premiers mois et les objectifs."),
        ),
    ),
}
_ADVICE = (
    message("Relisez l’offre et notez, pour chaque exigence, un exemple tiré de votre parcours."),
    message("Répondez avec des faits : la situation, votre action, le résultat."),
    message("Vérifiez à l’avance le lieu ou le lien de l’entretien, et soyez prêt dix minutes plus tôt."),
    message("Si vous ne savez pas répondre, dites-le et expliquez comment vous chercheriez la réponse."),
)


def questions(title: str, locale: str) -> tuple[Question, ...]:
    """As many of each kind as an interview's preparation has. title: the offer's."""
    return tuple(
        Question(translate(locale, question, title=title), translate(locale, tip), category)
        for category, asked in _QUESTIONS.items()
        for question, tip in asked
    )


def advice(locale: str) -> tuple[str, ...]:
    return tuple(translate(locale, each) for each in _ADVICE)


def preparation(title: str, locale: str) -> Preparation:
    return Preparation(questions=questions(title, locale), general_advice=advice(locale), model=BANK, usage=Usage(0, 0))
