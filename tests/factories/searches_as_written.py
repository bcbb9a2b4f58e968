"""Offers and criteria as people wrote them, with whether the offer answers: title or part, criteria, expected."""

from typing import Any

Case = tuple[dict[str, Any], dict[str, Any], bool]

INCLUSIVE_CHEF: list[Case] = [
    ({"title": "Chef(fe) de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef·fe de projet d’urgence"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef.fe de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef-fe de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef/fe de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef(fe)s de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef.fe.s de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef/Cheffe de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"title": "Chef fédéral de projet"}, {"keywords": ["chef de projet"]}, False),
]

PARTED_ENDINGS: list[Case] = [
    ({"title": "Chargé (e) de clientèle"}, {"keywords": ["chargé de clientèle"]}, True),
    ({"title": "Caissier (e) de libre-service"}, {"keywords": ["caissier libre-service"]}, False),
    ({"title": "Caissier (e) principal"}, {"keywords": ["caissier principal"]}, True),
    ({"title": "Développeur (se) web"}, {"keywords": ["développeur web"]}, True),
    ({"title": "Directeur (trice) commercial (e)"}, {"keywords": ["directeur commercial"]}, True),
    ({"title": "Infirmier (ère) anesthésiste"}, {"keywords": ["infirmier anesthésiste"]}, True),
    ({"title": "Conseiller(-ère) clientèle"}, {"keywords": ["conseiller clientèle"]}, True),
    ({"title": "Vendeur(/se) automobile"}, {"keywords": ["vendeur automobile"]}, True),
    ({"title": "Chargé(e) de clientèle"}, {"keywords": ["chargé de clientèle"]}, True),
]

E_COMMERCE: list[Case] = [
    ({"title": "Responsable Marketing/E-commerce"}, {"keywords": ["e-commerce"]}, True),
    ({"title": "Manager digital/e-business"}, {"keywords": ["e-business"]}, True),
    ({"title": "Formateur présentiel/e-learning"}, {"keywords": ["e-learning"]}, True),
    ({"title": "Vente/e-mailing"}, {"keywords": ["e-mailing"]}, True),
    ({"title": "Responsable e-commerce/marketing"}, {"keywords": ["e-commerce"]}, True),
    ({"title": "Responsable marketing / e-commerce"}, {"keywords": ["e-commerce"]}, True),
    ({"title": "Assistant/e commercial"}, {"keywords": ["assistant commercial"]}, True),
]

PLURALS_IN_X: list[Case] = [
    ({"title": "Ingénieur matériaux"}, {"keywords": ["matériau"]}, True),
    ({"title": "Vendeur matériau de construction"}, {"keywords": ["matériaux"]}, True),
    ({"title": "Pose de tuyaux"}, {"keywords": ["tuyau"]}, True),
    ({"title": "Monteur en noyaux"}, {"keywords": ["noyau"]}, True),
    ({"title": "Taille de joyaux"}, {"keywords": ["joyau"]}, True),
    ({"title": "Journaux et presse"}, {"keywords": ["journal"]}, True),
    ({"title": "Bureaux d'études"}, {"keywords": ["bureau d'études"]}, True),
    ({"title": "Hôpitaux publics"}, {"keywords": ["hôpital"]}, True),
    ({"title": "Travaux publics"}, {"keywords": ["travail public"]}, True),
]

ELISIONS: list[Case] = [
    ({"title": "Chef d'équipe"}, {"keywords": ["chef d equipe"]}, True),
    ({"title": "Chef d equipe"}, {"keywords": ["chef d'équipe"]}, True),
    ({"title": "Chef d`équipe"}, {"keywords": ["chef d'équipe"]}, True),
    ({"title": "Chef d’équipe"}, {"keywords": ["chef d'équipe"]}, True),
    ({"title": "Agent d'entretien"}, {"keywords": ["agent d entretien"]}, True),
    ({"title": "Maître d hôtel"}, {"keywords": ["maître d'hôtel"]}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "Cote d ivoire"}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "Cote divoire"}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "Côte d’Ivoire"}, True),
    ({"title": "Développeur L"}, {"keywords": ["développeur"]}, True),
]

WORD_NAMESPACE = '<?xml:namespace prefix = o ns = "urn:schemas-microsoft-com:office:office" /><p>Gardien de nuit</p>'

MARKUP: list[Case] = [
    ({"description": "<p class=MsoNormal>Chef<o:p></o:p> de projet</p>"}, {"keywords": ["chef de projet"]}, True),
    (
        {"description": WORD_NAMESPACE},
        {"keywords": ["office"]},
        False,
    ),
    (
        {"description": WORD_NAMESPACE},
        {"keywords": ["XML"]},
        False,
    ),
    ({"description": "<![if !supportLists]>Gardien<![endif]>"}, {"keywords": ["endif"]}, False),
    ({"description": '<p>Chef<st1:place w:st="on"> de</st1:place> projet</p>'}, {"keywords": ["chef de projet"]}, True),
    ({"description": "<ul><li>Java</li><li>Python</li></ul>"}, {"keywords": ["java"]}, True),
    ({"description": "<p>Salaire < 500 000</p><p>Python</p>"}, {"keywords": ["python"]}, True),
]

CITY_AND_COUNTRY: list[Case] = [
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville, Gabon"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville (Gabon)"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville - Gabon"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville – Gabon"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville/Gabon"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville Gabon"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville | Gabon"}, True),
    ({"location": "Libreville", "country": "GA"}, {"location": "Gabon - Libreville"}, True),
    (
        {"location": "Asnières-sur-Seine, rue de la Gare, France", "country": "FR"},
        {"location": "Asnières-sur-Seine"},
        True,
    ),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville - Cameroun"}, False),
]

COUNTRIES: list[Case] = [
    ({"location": "Praia", "country": "CV"}, {"location": "Cabo Verde"}, True),
    ({"location": "Praia", "country": "CV"}, {"location": "Cap-Vert"}, True),
    ({"location": "Praia", "country": "CV"}, {"location": "Cape Verde"}, True),
    ({"location": "Ouagadougou", "country": "BF"}, {"location": "Burkina"}, True),
    ({"location": "Conakry", "country": "GN"}, {"location": "Guinée Conakry"}, True),
    ({"location": "Conakry", "country": "GN"}, {"location": "Guinée-Conakry"}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "RCI"}, True),
    ({"location": None, "country": "ST"}, {"location": "Sao Tomé"}, True),
    ({"location": "Goma", "country": "CD"}, {"location": "Congo Kinshasa"}, True),
    ({"location": "Goma", "country": "CD"}, {"location": "RDC"}, True),
    ({"location": "Bangui", "country": "CF"}, {"location": "Centrafrique"}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "Ivory Coast"}, True),
    ({"location": "Mbabane", "country": "SZ"}, {"location": "Swaziland"}, True),
    ({"location": "N’Djaména", "country": "TD"}, {"location": "Tchad"}, True),
    ({"location": "N’Djaména", "country": "TD"}, {"location": "Ndjamena"}, True),
]

SAINTS: list[Case] = [
    ({"location": "Saint-Louis", "country": "SN"}, {"location": "St-Louis"}, True),
    ({"location": "Saint-Louis", "country": "SN"}, {"location": "St. Louis"}, True),
    ({"location": "St-Louis, Sénégal", "country": "SN"}, {"location": "Saint Louis"}, True),
    ({"location": "Sainte-Marie", "country": "MG"}, {"location": "Ste-Marie"}, True),
    ({"location": "Saint-Louis", "country": "SN"}, {"location": "Saint-Louis"}, True),
    ({"location": "Saint-Louis", "country": "SN"}, {"location": "Saint Louis"}, True),
]

COUNTRY_CODES: list[Case] = [
    ({"location": "Malabo, Guinée équatoriale", "country": "GQ"}, {"location": "Guinée"}, False),
    ({"location": "Bissau, Guinée-Bissau", "country": "GW"}, {"location": "Guinée"}, False),
    ({"location": "Conakry, Guinée", "country": "GN"}, {"location": "Guinée"}, True),
    ({"location": "Kinshasa, RD Congo", "country": "CD"}, {"location": "Congo"}, False),
    ({"location": "Juba, Soudan du Sud", "country": "SS"}, {"location": "Soudan"}, False),
    ({"location": "Lagos, Nigeria", "country": "NG"}, {"location": "Niger"}, False),
    ({"location": "Malabo", "country": "GQ"}, {"location": "Guinée"}, False),
    ({"location": "Pointe-Noire", "country": "CG"}, {"location": "Congo"}, True),
]

FRANCS: list[Case] = [
    ({"salary_min": 300000, "salary_max": 400000, "currency": "XAF", "country": "GA"}, {"salary_min": 250000}, True),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "xaf ", "country": "GA"}, {"salary_min": 250000}, True),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "FCFA", "country": "GA"}, {"salary_min": 250000}, True),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "F CFA", "country": "GA"}, {"salary_min": 250000}, True),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "F.CFA", "country": "GA"}, {"salary_min": 250000}, True),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "CFA", "country": "GA"}, {"salary_min": 250000}, True),
    (
        {"salary_min": 300000, "salary_max": 400000, "currency": "Franc CFA", "country": "GA"},
        {"salary_min": 250000},
        True,
    ),
    ({"salary_min": 300000, "salary_max": 400000, "currency": None, "country": "GA"}, {"salary_min": 250000}, True),
    (
        {"salary_min": 300000, "salary_max": 400000, "currency": "FCFA", "country": "SN"},
        {"salary_min": 250000, "currency": "XOF"},
        True,
    ),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "EUR"}, {"salary_min": 250000}, False),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "XOF"}, {"salary_min": 250000}, False),
    ({"salary_min": 300000, "salary_max": 400000, "currency": "XAF"}, {"salary_min": 250000, "currency": "FCFA"}, True),
]

COMPOUNDS: list[Case] = [
    ({"title": "Développeur full-stack"}, {"keywords": ["fullstack"]}, True),
    ({"title": "Développeur Fullstack"}, {"keywords": ["full stack"]}, True),
    ({"title": "Développeur back-end"}, {"keywords": ["backend"]}, True),
    ({"title": "Développeur frontend"}, {"keywords": ["front-end"]}, True),
    ({"title": "Responsable e-commerce"}, {"keywords": ["ecommerce"]}, True),
    ({"title": "Campagnes e-mail"}, {"keywords": ["email"]}, True),
    ({"title": "Développeur full stack"}, {"keywords": ["full-stack"]}, True),
]

TECHNOLOGIES: list[Case] = [
    ({"title": "Développeur ASP.NET"}, {"keywords": [".net"]}, True),
    ({"title": "Développeur .NET8"}, {"keywords": [".net"]}, True),
    ({"title": "Développeur NodeJS"}, {"keywords": ["node.js"]}, True),
    ({"title": "Développeur Node.js"}, {"keywords": ["nodejs"]}, True),
    ({"title": "Développeur Vue.js"}, {"keywords": ["vuejs"]}, True),
    ({"title": "Développeur C#/.NET"}, {"keywords": [".net"]}, True),
    ({"title": "Développeur C#.NET"}, {"keywords": ["c#"]}, True),
    ({"title": "Développeur C++17"}, {"keywords": ["c++"]}, True),
    ({"title": "Développeur JavaScript"}, {"keywords": ["java"]}, False),
    ({"title": "Développeur C#"}, {"keywords": ["c"]}, False),
    ({"title": "Réseau internet"}, {"keywords": [".net"]}, False),
]

LEVELS: list[Case] = [
    ({"title": "Bac+5"}, {"keywords": ["bac+5"]}, True),
    ({"title": "Bac + 5 exigé"}, {"keywords": ["bac+5"]}, True),
    ({"title": "Bac+4/5 en gestion"}, {"keywords": ["bac+5"]}, True),
    ({"title": "Bac +4/+5"}, {"keywords": ["bac+5"]}, True),
    ({"title": "Bac+3/4/5"}, {"keywords": ["bac+4"]}, True),
    ({"title": "BAC+2 minimum"}, {"keywords": ["bac +2"]}, True),
    ({"title": "Bac+4/5 en gestion"}, {"keywords": ["bac+3"]}, False),
    ({"title": "Bac+2 et 5 ans d'expérience"}, {"keywords": ["bac+5"]}, False),
]

REMOTE: list[Case] = [
    ({"location": "Télétravail", "location_type": "remote", "country": None}, {"location": "Douala"}, True),
    ({"location": "Remote", "location_type": "remote", "country": None}, {"location": "Douala"}, True),
    ({"location": "100% remote", "location_type": "remote", "country": None}, {"location": "Libreville"}, True),
    ({"location": "À distance", "location_type": "remote", "country": None}, {"location": "Abidjan"}, True),
    ({"location": None, "location_type": "remote", "country": None}, {"location": "Douala"}, True),
    ({"location": "", "location_type": "remote", "country": None}, {"location": "Douala"}, True),
    ({"location": "Télétravail", "location_type": "remote", "country": None}, {"location": "télétravail"}, True),
    ({"location": "Paris", "location_type": "remote", "country": None}, {"location": "Douala"}, False),
    ({"location": "Télétravail", "location_type": "hybrid", "country": None}, {"location": "Douala"}, False),
]
MORE_ENDINGS: list[Case] = [
    ({"title": "Employé/ée de bureau"}, {"keywords": ["employé de bureau"]}, True),
    ({"title": "Maître·sse d'hôtel"}, {"keywords": ["maître d'hôtel"]}, True),
    ({"title": "Agent commercial/ale terrain"}, {"keywords": ["agent commercial terrain"]}, True),
    ({"title": "Assistant/ante de direction"}, {"keywords": ["assistant de direction"]}, True),
    ({"title": "Technicien/cienne réseau"}, {"keywords": ["technicien réseau"]}, True),
    ({"title": "Technicien [ne] réseau"}, {"keywords": ["technicien réseau"]}, True),
    ({"title": "Chargé(e.s) de mission"}, {"keywords": ["chargé de mission"]}, True),
    ({"title": "Poste (secrétaire) de direction"}, {"keywords": ["poste de direction"]}, False),
    ({"title": "Assistant/e-learning"}, {"keywords": ["e-learning"]}, True),
    ({"title": "Permis D et E exigés"}, {"keywords": ["permis d"]}, True),
    ({"title": "Permis D exigé"}, {"keywords": ["permis d exigé"]}, True),
    ({"title": "Développeur C expérimenté"}, {"keywords": ["développeur c"]}, True),
    ({"title": "Chef d' équipe"}, {"keywords": ["chef d'équipe"]}, True),
    ({"title": "Employé de l administration"}, {"keywords": ["employé de l'administration"]}, True),
    ({"title": "Ingénieur material handling"}, {"keywords": ["matériaux"]}, False),
    ({"title": "Pose de soupiraux"}, {"keywords": ["soupirail"]}, True),
]

MORE_MARKUP: list[Case] = [
    (
        {"description": "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->Gardien"},
        {"keywords": ["gardien"]},
        True,
    ),
    (
        {"description": "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]-->Gardien"},
        {"keywords": ["normal"]},
        False,
    ),
    ({"description": "<!-- a <p --> Gardien"}, {"keywords": ["gardien"]}, True),
    ({"description": "<my-tag>Chef</my-tag> de projet"}, {"keywords": ["chef de projet"]}, True),
    ({"description": '<!DOCTYPE html PUBLIC "-//W3C//DTD">Gardien'}, {"keywords": ["public"]}, False),
    ({"description": "Gardien &#" + "9" * 5000 + "; de nuit"}, {"keywords": ["gardien"]}, True),
    ({"title": "Gardien &#" + "9" * 5000 + ";"}, {"keywords": ["gardien"]}, True),
]

MORE_PLACES: list[Case] = [
    ({"location": "Ouagadougou"}, {"location": "Ouaga"}, True),
    ({"location": "Ouaga", "country": "BF"}, {"location": "Ouagadougou - Burkina"}, True),
    ({"location": "Bobo-Dioulasso"}, {"location": "Bobo"}, True),
    ({"location": "Bobo"}, {"location": "Bobo-Dioulasso"}, True),
    ({"location": "Brazzaville", "country": "CG"}, {"location": "Congo-Brazza"}, True),
    ({"location": "Pointe-Noire"}, {"location": "Pte-Noire"}, True),
    ({"location": "Port-Gentil"}, {"location": "POG"}, True),
    ({"location": "Le Caire"}, {"location": "Cairo"}, True),
    ({"location": "São Tomé", "country": "ST"}, {"location": "ST"}, True),
    ({"location": "Saint-Louis", "country": "SN"}, {"location": "St Louis, Sénégal"}, True),
    ({"location": "Saint-Louis", "country": "SN"}, {"location": "St-Louis Sénégal"}, True),
    ({"location": "Saint-Louis", "country": "RE"}, {"location": "St-Louis, Sénégal"}, False),
    ({"location": "Saint-Denis, La Réunion", "country": "FR"}, {"location": "Réunion"}, True),
    ({"location": "Malabo, Guinée équatoriale"}, {"location": "Guinée"}, False),
    ({"location": "Conakry, Guinée"}, {"location": "Guinée"}, True),
    ({"location": "Conakry, Guinée"}, {"location": "Guinea"}, True),
    ({"location": "Kinshasa", "country": "CD"}, {"location": "Kinshasa - RDC"}, True),
    ({"location": "Kinshasa", "country": "CD"}, {"location": "Congo RDC"}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "Abidjan / RCI"}, True),
    ({"location": "Abidjan", "country": "CI"}, {"location": "RCI Abidjan"}, True),
    ({"location": "Port-Soudan", "country": "SD"}, {"location": "Port Soudan"}, True),
    ({"location": "Douala", "country": "CM"}, {"location": "Douala - Yaoundé"}, False),
    ({"location": "Libreville", "country": "GA"}, {"location": "Libreville CEMAC"}, False),
    ({"location": "Remote, Cameroun", "location_type": "remote"}, {"location": "Cameroun"}, True),
    ({"location": "Remote, Cameroun", "location_type": "remote"}, {"location": "Gabon"}, False),
    ({"location": "Worldwide", "location_type": "remote"}, {"location": "Douala"}, True),
    ({"location": "En télétravail", "location_type": "remote"}, {"location": "Gabon"}, True),
    ({"location": "Télétravail", "location_type": "on_site"}, {"location": "Douala"}, False),
    ({"location": "Douala", "location_type": "remote"}, {"location": "remote Cameroun"}, False),
    ({"location": "Douala", "location_type": "remote", "country": "CM"}, {"location": "remote Cameroun"}, True),
]

MORE_FRANCS: list[Case] = [
    ({"salary_min": 300000, "currency": "Francs CFA", "country": "CI"}, {"salary_min": 1, "currency": "XOF"}, True),
    (
        {"salary_min": 300000, "currency": "FCFA", "location": "Dakar, Sénégal"},
        {"salary_min": 1, "currency": "XOF"},
        True,
    ),
    ({"salary_min": 300000, "currency": "FCFA", "country": "Sénégal"}, {"salary_min": 1}, False),
    ({"salary_min": 300000, "currency": "FCFA (XOF)", "country": "GA"}, {"salary_min": 1, "currency": "XOF"}, True),
    ({"salary_min": 300000, "currency": "XOF"}, {"salary_min": 1, "currency": "F CFA"}, True),
    ({"salary_min": 300000, "currency": "EUR"}, {"salary_min": 1, "currency": "FCFA"}, False),
    ({"salary_min": 3000, "currency": "€"}, {"salary_min": 1, "currency": "euros"}, True),
    ({"salary_min": 3000, "currency": "US$"}, {"salary_min": 1, "currency": "USD"}, True),
    ({"salary_min": 3000, "currency": "Naira"}, {"salary_min": 1, "currency": "NGN"}, True),
]

MORE_COMPOUNDS: list[Case] = [
    ({"title": "Développeur full-stack junior"}, {"keywords": ["développeur fullstack"]}, True),
    ({"title": "Développeur Fullstack backend"}, {"keywords": ["full-stack back-end"]}, False),
    ({"title": "Fullstack, backend"}, {"keywords": ["full-stack backend"]}, True),
    ({"title": "Sages-femmes"}, {"keywords": ["sagefemme"]}, True),
    ({"title": "Sagefemme"}, {"keywords": ["sages-femmes"]}, True),
    ({"title": "Administrateur PostgreSQL"}, {"keywords": ["postgre sql"]}, True),
    ({"title": "Ecommerce"}, {"keywords": ["e-commerce"]}, True),
    ({"title": "Responsable e-commerce"}, {"keywords": ["commerce"]}, True),
    ({"title": "Vente par e mail"}, {"keywords": ["email"]}, True),
    ({"title": "Agent à temps plein"}, {"keywords": ["agent"]}, True),
    ({"title": "Chef des ventes"}, {"keywords": ["chefdes ventes"]}, False),
    ({"title": "Chef de projet"}, {"keywords": ["chefde projet"]}, False),
    ({"title": "Ad hoc"}, {"keywords": ["adhoc"]}, False),
    ({"title": "Stack full"}, {"keywords": ["fullstack"]}, False),
]

MORE_TECHNOLOGIES: list[Case] = [
    ({"title": "Développeur asp net"}, {"keywords": ["asp.net"]}, True),
    ({"title": "Développeur ASP.NET Core"}, {"keywords": ["asp net"]}, True),
    ({"title": "Développeur ASP.NET"}, {"keywords": ["net"]}, False),
    ({"title": "Développeur dotnet"}, {"keywords": [".net"]}, True),
    ({"title": "Développeur VB.NET"}, {"keywords": [".net"]}, True),
    ({"title": "Développeur Node JS"}, {"keywords": ["node.js"]}, True),
    ({"title": "Développeur ReactJS"}, {"keywords": ["react.js"]}, True),
    ({"title": "Développeur React"}, {"keywords": ["reactjs"]}, True),
    ({"title": "Développeur Next JS"}, {"keywords": ["nextjs"]}, True),
    ({"title": "Développeur CSharp"}, {"keywords": ["c#"]}, True),
    ({"title": "Développeur C ++"}, {"keywords": ["c++"]}, True),
    ({"title": "HTML5/CSS3"}, {"keywords": ["html"]}, True),
    ({"title": "HTML5/CSS3"}, {"keywords": ["css 3"]}, True),
    ({"title": "Python3"}, {"keywords": ["python 3"]}, True),
    ({"title": "My SQL"}, {"keywords": ["mysql"]}, True),
    ({"title": "PL/SQL"}, {"keywords": ["plsql"]}, True),
    ({"title": "Point de vue"}, {"keywords": ["vue.js"]}, False),
    ({"title": "Power-BI"}, {"keywords": ["powerbi"]}, True),
]

MORE_LEVELS: list[Case] = [
    ({"title": "Bac+3 à 5"}, {"keywords": ["bac+4"]}, True),
    ({"title": "Bac +3-5"}, {"keywords": ["bac+4"]}, True),
    ({"title": "Bac+2 ou +3"}, {"keywords": ["bac+3"]}, True),
    ({"title": "Bac+2/3 ans d'expérience"}, {"keywords": ["bac+3"]}, False),
    ({"title": "Bac+3 - 5 postes"}, {"keywords": ["bac+5"]}, False),
    ({"title": "Bac plus 5"}, {"keywords": ["bac+5"]}, True),
    ({"title": "Bac+4/Bac+5"}, {"keywords": ["bac+5"]}, True),
    ({"title": "Bac+12"}, {"keywords": ["bac+1"]}, False),
]

EVERYTHING: list[Case] = [
    *(*INCLUSIVE_CHEF, *PARTED_ENDINGS, *E_COMMERCE, *PLURALS_IN_X, *ELISIONS, *MARKUP, *CITY_AND_COUNTRY, *COUNTRIES),
    *(*SAINTS, *COUNTRY_CODES, *FRANCS, *COMPOUNDS, *TECHNOLOGIES, *LEVELS, *REMOTE, *MORE_ENDINGS, *MORE_MARKUP),
    *(*MORE_PLACES, *MORE_FRANCS, *MORE_COMPOUNDS, *MORE_TECHNOLOGIES, *MORE_LEVELS),
]
