"""What people of the region write for places, and the locale data do not list."""

from collections.abc import Mapping

ZONES = {
    "CEMAC": frozenset({"CF", "CG", "CM", "GA", "GQ", "TD"}),
    "UEMOA": frozenset({"BF", "BJ", "CI", "GW", "ML", "NE", "SN", "TG"}),
}

COUNTRIES: Mapping[str, tuple[str, ...]] = {
    "AE": ("EAU", "UAE", "Émirats", "Emirates"),
    "BF": ("Burkina",),
    "CD": (
        *("RDC", "DRC", "RD Congo", "DR Congo", "RD du Congo", "Congo RDC", "Congo DRC", "Congo RD", "Zaïre"),
        *("République démocratique du Congo", "République démocratique Congo", "Rép. dém. du Congo"),
        *("Democratic Republic of the Congo", "Democratic Republic of Congo", "Congo Kinshasa", "Congo Kin"),
    ),
    "CF": ("RCA", "CAR", "Centrafrique", "Centre Afrique", "République de Centrafrique"),
    "CG": (
        *("Congo", "République du Congo", "Republic of the Congo", "Republic of Congo", "Congo Brazza"),
        *("Congo Brazzaville", "Congo RC"),
    ),
    "CI": (
        *("RCI", "Ivory Coast", "Cote Divoire", "Cote Ivoire", "République de Côte d'Ivoire"),
        *("République de Côte Divoire",),
    ),
    "CV": ("Cabo Verde", "Cap-Vert", "Cape Verde"),
    "CZ": ("République tchèque", "Czech Republic", "Tchéquie"),
    "GB": ("UK", "Grande-Bretagne", "Great Britain", "Angleterre", "England"),
    "GM": ("The Gambia",),
    "GN": ("Guinée Conakry", "Guinea Conakry", "Guinée Cky", "République de Guinée", "Republic of Guinea"),
    "GQ": ("Guinée équato", "Guinée Éq.", "Equato-Guinée", "Guinée équatorial", "Guinea Ecuatorial"),
    "GW": ("Guinée Bissao", "Guinea Bissau", "Bissau Guinée"),
    "KR": ("Corée du Sud", "South Korea"),
    "MG": ("Mada",),
    "MM": ("Birmanie", "Burma"),
    "NL": ("Hollande", "Holland", "The Netherlands"),
    "RE": ("Réunion", "Île de la Réunion"),
    "RU": ("Fédération de Russie", "Russian Federation"),
    "ST": ("Sao Tomé", "São Tomé et Principe", "Sao Tome and Principe", "Saint Thomas et Prince", "STP"),
    "SZ": ("Swaziland",),
    "US": ("USA", "États-Unis d'Amérique", "United States of America", "U.S.A.", "Etats Unis"),
    "ZA": ("RSA",),
}

# Offers in these may carry the code of the country that holds them.
HELD_BY: Mapping[str, str] = {
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"), "FR"),
    **dict.fromkeys(("AS", "GU", "MP", "PR", "VI"), "US"),
    **dict.fromkeys(("HK", "MO"), "CN"),
    **dict.fromkeys(("GG", "IM", "JE"), "GB"),
}

BEFORE_A_NAME: Mapping[str, str] = {
    "ft": "fort",
    "mt": "mont",
    "pte": "pointe",
    "st": "saint",
    "ste": "sainte",
    "stes": "saintes",
    "sts": "saints",
}

CITIES: Mapping[str, tuple[str, ...]] = {
    "ababa": ("abeba",),
    "abj": ("abidjan",),
    "algiers": ("alger",),
    "bobo": ("bobo", "dioulasso"),
    "brazza": ("brazzaville",),
    "brussels": ("bruxelles",),
    "cairo": ("caire",),
    "cky": ("conakry",),
    "dla": ("douala",),
    "geneva": ("geneve",),
    "khartum": ("khartoum",),
    "lbv": ("libreville",),
    "london": ("londres",),
    "marrakesh": ("marrakech",),
    "mogadishu": ("mogadiscio",),
    "ouaga": ("ouagadougou",),
    "pnr": ("pointe", "noire"),
    "pog": ("port", "gentil"),
    "salaam": ("salam",),
    "tana": ("antananarivo",),
    "tangier": ("tanger",),
    "yde": ("yaounde",),
}

REMOTE = (
    *("remote", "full remote", "fully remote", "100 % remote", "remote 100 %", "remote work", "remote only"),
    *("work from home", "working from home", "WFH", "home office", "home-based", "homeoffice", "online", "en ligne"),
    *("télétravail", "100 % télétravail", "télétravail 100 %", "télétravail à 100 %", "full télétravail"),
    *("télétravail complet", "télétravail total", "télétravail intégral", "en télétravail", "télétravail possible"),
    *("à distance", "100 % à distance", "à distance 100 %", "travail à distance", "entièrement à distance"),
    *("poste à distance", "distanciel", "en distanciel", "100 % distanciel", "travail à domicile", "à domicile"),
)

# In the location of a remote offer; as a criterion they are words like others.
NOWHERE = (
    *("anywhere", "everywhere", "worldwide", "remote worldwide", "partout", "n'importe où", "monde entier"),
    *("non précisé", "non spécifié", "à définir", "N/A"),
)
