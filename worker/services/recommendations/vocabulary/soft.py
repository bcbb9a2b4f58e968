"""Soft skills, one a line: the first name stands for all."""

SKILLS = """
Travail en équipe | Esprit d'équipe | Travail d'équipe | Teamwork | Team spirit | Team player
Communication | Aisance relationnelle | Sens de la communication | Communication skills | Sens relationnel
Organisation | Sens de l'organisation | Organised | Organisational skills | Organizational skills
Adaptabilité | Capacité d'adaptation | Adaptability | Flexibilité | Flexibility
Esprit d'analyse | Capacité d'analyse | Analytical skills | Esprit analytique
Esprit de synthèse | Capacité de synthèse
Gestion du stress | Résistance au stress | Résistance à la pression | Stress management | Work under pressure
Leadership | Management d'équipe | Gestion d'équipe | Encadrement d'équipe | Animation d'équipe | Team management
Ponctualité | Punctuality | Assiduité
Rigueur | Rigoureux | Rigour | Rigor
Autonomie | Autonome | Autonomy
Curiosité | Curiosity
Créativité | Creativity
Initiative | Esprit d'initiative | Force de proposition | Sens de l'initiative
Sens de l'écoute | Écoute | Listening skills | Active listening
Sens du service | Goût du service | Service orientation
Sens du contact | Goût du contact
Sens des priorités | Gestion des priorités | Sense of priorities
Gestion du temps | Time management
Résolution de problèmes | Problem solving
Discrétion | Confidentialité | Respect de la confidentialité | Discretion
Dynamisme | Dynamique
Motivation
Polyvalence | Versatility
Persévérance | Ténacité | Perseverance
Honnêteté | Intégrité | Probité | Integrity | Honesty
Sens des responsabilités | Sense of responsibility
Souci du détail | Attention to detail | Sens du détail
Empathie | Empathy
Patience
Vigilance
Calme dans l'urgence | Sang-froid
Bonne présentation
"""
