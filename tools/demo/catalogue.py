"""What the demo shop sells, who might buy it, and how it advertises. All of it is invented."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class DemoProduct:
    code: str
    name: str
    category: str
    price: Decimal


CATEGORIES: dict[str, list[tuple[str, str]]] = {
    "Coffee": [
        ("House blend, 500 g", "9.90"), ("Single origin Huila, 250 g", "8.40"), ("Decaf, 500 g", "10.50"),
        ("Espresso roast, 1 kg", "18.90"), ("Cold brew bags", "7.20"), ("Tasting box", "24.00"),
    ],
    "Tea": [
        ("Green sencha, 100 g", "7.80"), ("Black breakfast, 100 g", "5.90"), ("Rooibos, 150 g", "6.40"),
        ("Herbal evening mix", "5.60"), ("Matcha, 30 g", "14.50"), ("Tea discovery set", "19.90"),
    ],
    "Kitchen": [
        ("Moka pot, 6 cups", "32.00"), ("Pour-over set", "41.50"), ("Hand grinder", "58.00"),
        ("Milk frother", "27.90"), ("Kettle with thermometer", "64.00"), ("Storage jar", "12.80"),
    ],
    "Table": [
        ("Stoneware cup", "11.90"), ("Set of four glasses", "22.00"), ("Linen napkins", "18.50"),
        ("Oak tray", "34.90"), ("Teapot, 1 l", "29.00"), ("Breakfast bowl", "13.40"),
    ],
    "Pantry": [
        ("Cocoa, 250 g", "6.90"), ("Orange marmalade", "4.80"), ("Almond biscuits", "5.20"),
        ("Olive oil, 500 ml", "11.60"), ("Mixed honey", "7.40"), ("Dark chocolate, 3 bars", "9.30"),
    ],
    "Gifts": [
        ("Morning hamper", "49.00"), ("Barista hamper", "89.00"), ("Gift card 25", "25.00"),
        ("Gift card 50", "50.00"), ("Subscription, 3 months", "54.00"), ("Workshop for two", "72.00"),
    ],
}  # fmt: skip

PRODUCTS: list[DemoProduct] = [
    DemoProduct(f"{category[:2].upper()}{number:02d}", name, category, Decimal(price))
    for category, items in CATEGORIES.items()
    for number, (name, price) in enumerate(items, start=1)
]

FIRST_NAMES = [
    "Alba", "Adrián", "Beatriz", "Bruno", "Carla", "César", "Daniela", "Diego", "Elena", "Emilio", "Fátima",
    "Félix", "Gabriela", "Gael", "Helena", "Hugo", "Inés", "Iván", "Julia", "Joel", "Karina", "Leo", "Lucía",
    "Mateo", "Marta", "Nicolás", "Noa", "Óscar", "Paula", "Pablo", "Quima", "Raúl", "Rocío", "Saúl", "Sofía",
    "Tomás", "Úrsula", "Vera", "Víctor", "Ximena", "Yago", "Zoe",
]  # fmt: skip
LAST_NAMES = [
    "Abril", "Arenas", "Bosque", "Brezo", "Campos", "Cerro", "Delmar", "Dehesa", "Encina", "Espino", "Fuente",
    "Fresno", "Gavilán", "Granado", "Haya", "Hiedra", "Isla", "Jara", "Jardín", "Lago", "Laurel", "Llano", "Marea",
    "Monte", "Naranjo", "Nogal", "Olivar", "Olmo", "Prado", "Puente", "Quintana", "Ribera", "Romero", "Salina",
    "Sauce", "Tejo", "Torre", "Umbría", "Valle", "Vega", "Yedra", "Zarza",
]  # fmt: skip
CITIES = [
    ("Madrid", "Madrid", "ES"), ("Barcelona", "Cataluña", "ES"), ("Valencia", "Comunitat Valenciana", "ES"),
    ("Sevilla", "Andalucía", "ES"), ("Bilbao", "País Vasco", "ES"), ("Zaragoza", "Aragón", "ES"),
    ("Lisboa", "Lisboa", "PT"), ("Porto", "Norte", "PT"), ("Lima", "Lima", "PE"), ("Bogotá", "Bogotá", "CO"),
]  # fmt: skip
PROFESSIONS = [
    "teacher", "nurse", "architect", "designer", "baker", "engineer", "lawyer", "student", "gardener", "cook",
    "accountant", "musician",
]  # fmt: skip
TASTES = ["espresso", "filter", "tea", "chocolate", "baking", "design", "gifts", "organic", "outdoors", "breakfast"]
WISHES = [
    "a grinder for filter coffee", "a present for a coffee lover", "a decaf that tastes of coffee",
    "cups for eight guests", "coffee for the office", "a tea for the evening", "a Saturday workshop",
]  # fmt: skip
ASPIRATIONS = [
    "make café-quality coffee at home", "waste less", "a slower breakfast", "learn latte art",
    "host friends more often",
    "",
]  # fmt: skip

FORM = {
    "name": "Tasting list",
    "title": "Taste it before anyone else",
    "intro": "Leave your address and we write to you when the next tasting in your city opens.",
    "fields": ["first_name", "city", "interest"],
    "content_format": "text",
    "wording": "Yes, write to me about tastings and new roasts. I can leave at any time.",
    "thank_you": "Thank you. We write as soon as the next tasting opens.",
}
VISITORS = [
    ("Irene", "Madrid", "the autumn tasting"),
    ("Tomeu", "Barcelona", "a workshop for two"),
    ("Leire", "Bilbao", "decaf that tastes of coffee"),
    ("Rui", "Porto", "coffee for the office"),
]


@dataclass(frozen=True)
class DemoChannel:
    """How a channel behaves: euros a day, leads a day, and the share of leads that ever buy."""

    code: str
    spend: float
    leads: float
    conversion: float
    growth: float = 0.0
