"""Cities of French-speaking Africa, their countries, economic zones and currencies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """`salary_level` scales monthly salaries around those of Abidjan; without `currency` offers name no salary."""

    code: str
    name: str
    within: str
    english: str
    zone: str | None
    currency: str | None
    salary_level: float


@dataclass(frozen=True, slots=True)
class City:
    """`weight` is the city's share of the labour market relative to the others."""

    name: str
    country: Country
    weight: int
    quarters: tuple[str, ...] = ()

    @property
    def of(self) -> str:
        """`de Dakar`, `d’Abidjan`."""
        return f"d’{self.name}" if self.name[0] in "AEIOUÉ" else f"de {self.name}"


GABON = Country("GA", "Gabon", "au Gabon", "Gabon", "CEMAC", "XAF", 1.3)
CAMEROON = Country("CM", "Cameroun", "au Cameroun", "Cameroon", "CEMAC", "XAF", 0.85)
CONGO = Country("CG", "Congo", "au Congo", "Congo", "CEMAC", "XAF", 1.1)
CHAD = Country("TD", "Tchad", "au Tchad", "Chad", "CEMAC", "XAF", 0.9)
CENTRAL_AFRICA = Country("CF", "République centrafricaine", "en Centrafrique", "the CAR", "CEMAC", "XAF", 0.75)
IVORY_COAST = Country("CI", "Côte d’Ivoire", "en Côte d’Ivoire", "Côte d’Ivoire", "UEMOA", "XOF", 1.0)
SENEGAL = Country("SN", "Sénégal", "au Sénégal", "Senegal", "UEMOA", "XOF", 1.0)
BENIN = Country("BJ", "Bénin", "au Bénin", "Benin", "UEMOA", "XOF", 0.75)
TOGO = Country("TG", "Togo", "au Togo", "Togo", "UEMOA", "XOF", 0.7)
BURKINA = Country("BF", "Burkina Faso", "au Burkina Faso", "Burkina Faso", "UEMOA", "XOF", 0.7)
MALI = Country("ML", "Mali", "au Mali", "Mali", "UEMOA", "XOF", 0.75)
NIGER = Country("NE", "Niger", "au Niger", "Niger", "UEMOA", "XOF", 0.7)
# Neither zone's franc is money in the Democratic Republic of the Congo.
DR_CONGO = Country("CD", "RD Congo", "en RD Congo", "the DR Congo", None, None, 1.0)

CITIES = (
    City("Libreville", GABON, 16, ("Glass", "Batterie IV", "Owendo", "Akanda")),
    City("Port-Gentil", GABON, 6),
    City("Franceville", GABON, 3),
    City("Oyem", GABON, 1),
    City("Lambaréné", GABON, 1),
    City("Douala", CAMEROON, 14, ("Akwa", "Bonanjo", "Bonapriso", "Bassa")),
    City("Yaoundé", CAMEROON, 9, ("Bastos", "Nlongkak", "Mvan")),
    City("Garoua", CAMEROON, 2),
    City("Kribi", CAMEROON, 2),
    City("Abidjan", IVORY_COAST, 16, ("Plateau", "Cocody", "Marcory", "Treichville", "Yopougon")),
    City("Bouaké", IVORY_COAST, 2),
    City("San-Pédro", IVORY_COAST, 2),
    City("Dakar", SENEGAL, 13, ("Plateau", "Almadies", "Mermoz", "Point E")),
    City("Thiès", SENEGAL, 2),
    City("Saint-Louis", SENEGAL, 1),
    City("Brazzaville", CONGO, 5),
    City("Pointe-Noire", CONGO, 7),
    City("Kinshasa", DR_CONGO, 4, ("Gombe", "Limete")),
    City("Cotonou", BENIN, 5),
    City("Parakou", BENIN, 1),
    City("Lomé", TOGO, 5),
    City("Ouagadougou", BURKINA, 5),
    City("Bobo-Dioulasso", BURKINA, 2),
    City("Bamako", MALI, 4),
    City("Niamey", NIGER, 3),
    City("N’Djamena", CHAD, 3),
    City("Moundou", CHAD, 1),
    City("Bangui", CENTRAL_AFRICA, 1),
)

BY_NAME = {city.name: city for city in CITIES}
