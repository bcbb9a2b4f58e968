"""Which country a city of the region lies in: employers write the city, search engines ask for the country."""

from collections.abc import Mapping
from functools import cache

from worker.services.matching.places import offered_country, place_words

CITIES: Mapping[str, str] = {
    "BF": "Banfora, Bobo-Dioulasso, Koudougou, Ouagadougou, Ouahigouya",
    "BJ": "Abomey, Abomey-Calavi, Bohicon, Cotonou, Djougou, Natitingou, Parakou, Porto-Novo",
    "CD": "Boma, Bukavu, Goma, Kananga, Kinshasa, Kisangani, Kolwezi, Likasi, Lubumbashi, Matadi, Mbandaka, Mbuji-Mayi",
    "CF": "Bambari, Bangui, Berbérati, Bimbo, Bouar",
    "CG": "Brazzaville, Dolisie, Nkayi, Ouesso, Owando, Oyo, Pointe-Noire",
    "CI": (
        "Abengourou, Abidjan, Bouaké, Daloa, Divo, Gagnoa, Grand-Bassam, Korhogo, Man, Odienné, San-Pédro, "
        "Soubré, Yamoussoukro"
    ),
    "CM": (
        "Bafoussam, Bamenda, Bertoua, Buea, Douala, Dschang, Ebolowa, Édéa, Foumban, Garoua, Kousséri, Kribi, Kumba, "
        "Limbé, Loum, Maroua, Mbalmayo, Mbouda, Ngaoundéré, Nkongsamba, Yaoundé"
    ),
    "DZ": "Alger, Annaba, Constantine, Oran",
    "EG": "Le Caire",
    "ET": "Addis-Abeba",
    "FR": "Bordeaux, Lille, Lyon, Marseille, Montpellier, Nantes, Paris, Strasbourg, Toulouse",
    "GA": (
        "Akanda, Bitam, Franceville, Gamba, Koulamoutou, Lambaréné, Libreville, Makokou, Moanda, Mouila, Ntoum, "
        "Owendo, Oyem, Port-Gentil, Tchibanga"
    ),
    "GH": "Accra, Cape Coast, Kumasi, Takoradi, Tamale, Tema",
    "GN": "Boké, Conakry, Kankan, Kindia, Labé, Nzérékoré",
    "GQ": "Bata, Ebebiyín, Malabo, Mongomo, Oyala",
    "GW": "Bafatá, Bissau, Gabú",
    "KE": "Mombasa, Nairobi",
    "MA": "Agadir, Casablanca, Fès, Marrakech, Rabat, Tanger",
    "MG": "Antananarivo, Toamasina",
    "ML": "Bamako, Gao, Kayes, Kita, Koulikoro, Mopti, Ségou, Sikasso",
    "MR": "Nouadhibou, Nouakchott",
    "NE": "Agadez, Arlit, Dosso, Maradi, Niamey, Tahoua, Zinder",
    "NG": "Abuja, Calabar, Ibadan, Kano, Lagos, Port Harcourt",
    "RW": "Kigali",
    "SN": (
        "Dakar, Diamniadio, Diourbel, Kaolack, Kolda, Louga, Mbour, Pikine, Rufisque, Saly, Tambacounda, Thiès, "
        "Touba, Ziguinchor"
    ),
    "TD": "Abéché, Bongor, Doba, Moundou, N'Djamena, Sarh",
    "TG": "Atakpamé, Dapaong, Kara, Kpalimé, Lomé, Sokodé, Tsévié",
    "TN": "Sfax, Sousse, Tunis",
}
SEPARATORS = str.maketrans(";()/|–—", ",,,,,,,")


def country_of(country: str | None, location: str | None) -> str | None:
    """The ISO 3166 alpha-2 code of what stands in the field for the country, else of the country or city that the
    location names.
    """
    return offered_country(country, location) or _country_of_city(location)


def locality(location: str | None, most: int) -> str:
    """The first part of a location, as employers write it: the city mostly; at most `most` characters."""
    first = next((part.strip() for part in (location or "").translate(SEPARATORS).split(",") if part.strip()), "")
    return first[:most]


def _country_of_city(location: str | None) -> str | None:
    parts = (location or "").translate(SEPARATORS).split(",")
    return next((found for part in parts if (found := _codes().get(place_words(part)))), None)


@cache
def _codes() -> Mapping[tuple[str, ...], str]:
    return {place_words(city): code for code, cities in CITIES.items() for city in cities.split(",")}
