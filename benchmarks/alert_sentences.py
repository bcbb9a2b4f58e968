"""What the offers of the alert benchmark say besides their words: French first, English second.

`{job}` is the occupation, `{field}` a speciality, `{tools}` a list of tools.
"""

DESCRIPTION = (
    (
        "Nous recherchons pour notre équipe en pleine croissance une personne rigoureuse et motivée : {job}.",
        "Rattaché à la direction, le titulaire du poste contribue chaque jour à la satisfaction de nos clients.",
        "Notre maison accompagne depuis quinze ans des organisations publiques et privées de la sous-région.",
        "<p>Une première connaissance du secteur <b>{field}</b> sera appréciée.</p>",
        "Le poste demande des déplacements réguliers et une grande disponibilité pendant les périodes chargées.",
        "Vous rejoindrez une équipe soudée qui partage ses méthodes et aime transmettre ce qu'elle sait.",
        "<p>Un parcours d'intégration de trois mois est prévu, avec un tuteur et des objectifs partagés.</p>",
        "Les candidatures féminines sont vivement encouragées.",
    ),
    (
        "Our growing team is looking for someone careful and committed: {job}.",
        "Reporting to the managing director, you help our clients succeed every single day.",
        "For fifteen years our house has advised public and private organisations of the region.",
        "<p>First experience in <b>{field}</b> is welcome.</p>",
        "The position asks for regular travel and for availability in busy seasons.",
        "You will join a close team that shares its methods and likes to teach what it knows.",
        "<p>The first three months follow a plan with a mentor and shared objectives.</p>",
        "Applications from women are strongly encouraged.",
    ),
)

DUTIES = (
    (
        "Organiser le travail quotidien et en rendre compte chaque semaine",
        "Tenir à jour les dossiers et les tableaux de bord",
        "Participer aux réunions de coordination et en rédiger les procès-verbaux",
        "Veiller au respect des procédures et proposer des améliorations",
        "Entretenir de bonnes relations avec les fournisseurs et les partenaires",
        "Former les nouveaux arrivants et suivre leur progression",
        "Contrôler la conformité des livraisons et des factures",
        "Préparer les rapports mensuels destinés à la direction",
    ),
    (
        "Organise daily work and report on it every week",
        "Keep files and dashboards up to date",
        "Take part in coordination meetings and write the minutes",
        "See that procedures are followed and suggest improvements",
        "Keep good relations with suppliers and partners",
        "Train newcomers and follow their progress",
        "Check that deliveries and invoices are in order",
        "Prepare monthly reports for management",
    ),
)

REQUIREMENTS = (
    "<ul><li>Outils : {tools}</li><li>Anglais lu et écrit</li></ul>",
    "<ul><li>Tools: {tools}</li><li>Working knowledge of French</li></ul>",
)

EDUCATION = (
    ("Licence ou master", "BTS ou DUT", "Diplôme d'ingénieur", "Baccalauréat et expérience confirmée"),
    ("Bachelor or master", "Higher diploma", "Engineering degree", "Secondary school and solid experience"),
)

POSTURE = (
    ("Sens de l'écoute, autonomie et esprit d'équipe", "Rigueur, discrétion et goût du terrain"),
    ("Good listener, autonomous and a team player", "Careful, discreet and fond of field work"),
)
