"""Action at the demo shop in the last two years, imagined from a seed. Nothing here touches the database."""

import csv
import io
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from tools.demo.catalogue import (
    ASPIRATIONS,
    CITIES,
    FIRST_NAMES,
    LAST_NAMES,
    PRODUCTS,
    PROFESSIONS,
    TASTES,
    WISHES,
    DemoChannel,
    DemoProduct,
)

DAYS = 730
CONTACTS = 5_000
DAILY = 70


@dataclass
class DemoPerson:
    number: int
    first_name: str
    last_name: str
    email: str
    city: str
    region: str
    country: str
    sex: str
    born: date
    profession: str
    tastes: list[str]
    aspiration: str
    language: str
    arrived: datetime
    channel: str | None
    attended_by: str
    orders: list["DemoOrder"] = field(default_factory=list)

    @property
    def external_id(self) -> str:
        return f"C{self.number:05d}"

    @property
    def phone(self) -> str:
        """Two in five left one; of a range that nobody is given."""
        return f"+34 600 55{self.number // 100 % 10} {self.number % 1000:03d}" if self.number % 5 < 2 else ""

    @property
    def looking_for(self) -> str:
        return WISHES[self.number % len(WISHES)] if self.number % 3 == 0 else ""


@dataclass
class DemoOrder:
    number: str
    placed: datetime
    lines: list[tuple[DemoProduct, int]]
    is_return: bool = False


@dataclass(frozen=True)
class DemoAnswer:
    person: DemoPerson
    at: datetime
    score: int
    comment: str


class World:
    """The shop's history up to and including `today`, the same for the same seed and day."""

    def __init__(self, *, today: date, channels: list[DemoChannel], seed: int = 7) -> None:
        self.today = today
        self.start = today - timedelta(days=DAYS)
        self.channels = channels
        self.random = random.Random(seed)  # noqa: S311
        self.people = [self._person(number) for number in range(1, CONTACTS + 1)]
        self._shop()
        self.answers = list(self._answers())

    def _moment(self, day: date) -> datetime:
        seconds = int(min(max(self.random.gauss(15, 4), 6.5), 22.5) * 3600) + self.random.randrange(60)
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=seconds)

    def _arrival_day(self, growth: float) -> date:
        """A day of the two years, later ones likelier by `growth`, Saturdays quieter."""
        while True:
            offset = self.random.randrange(1, DAYS)
            day = self.start + timedelta(days=offset)
            weight = (1 + growth * offset / DAYS) * (0.6 if day.weekday() == 5 else 1.0) * season(day)
            if self.random.random() < weight / ((1 + max(growth, 0)) * 1.6):
                return day

    def _person(self, number: int) -> DemoPerson:
        pick = self.random
        first, last = pick.choice(FIRST_NAMES), pick.choice(LAST_NAMES)
        city, region, country = pick.choices(CITIES, weights=[30, 22, 12, 9, 7, 6, 5, 3, 4, 2])[0]
        by_lead = pick.random() < 0.86
        channel = pick.choices(self.channels, weights=[it.leads for it in self.channels])[0] if by_lead else None
        ascii_name = f"{first}.{last}".lower().translate(str.maketrans("áéíóúüñ", "aeiouun"))
        return DemoPerson(
            number=number,
            first_name=first,
            last_name=last,
            email="" if pick.random() < 0.04 else f"{ascii_name}.{number}@example.{pick.choice(['com', 'org', 'net'])}",
            city=city,
            region=region,
            country=country,
            sex=pick.choice("ffmmx") if pick.random() < 0.8 else "",
            born=date(1950, 1, 1) + timedelta(days=pick.randrange(365 * 55)),
            profession=pick.choice(PROFESSIONS),
            tastes=pick.sample(TASTES, pick.randrange(0, 4)),
            aspiration=pick.choice(ASPIRATIONS),
            language="es" if country in {"ES", "PE", "CO"} else "en",
            arrived=self._moment(self._arrival_day(channel.growth if channel else 0.2)),
            channel=channel.code if channel else None,
            attended_by="sales_force" if pick.random() < 0.22 else "ecommerce",
        )

    def _shop(self) -> None:
        """Who buys, when and what: a first order soon after arriving, then a rate and a lifetime of their own."""
        conversions = {channel.code: channel.conversion for channel in self.channels}
        counter = 0
        for person in self.people:
            chance = conversions.get(person.channel or "", 0.5) * (1.35 if person.attended_by == "sales_force" else 1)
            if self.random.random() > chance:
                continue
            every = self.random.gammavariate(1.6, 48)
            leaves = person.arrived + timedelta(days=self.random.expovariate(1 / 420))
            at = person.arrived + timedelta(days=self.random.expovariate(1 / 6))
            end = datetime.combine(self.today, time(), tzinfo=UTC)
            while at < end and (at < leaves or not person.orders):
                counter += 1
                order = DemoOrder(f"A{counter:06d}", self._moment(at.date()), self._basket())
                if order.placed > end:
                    break
                person.orders.append(order)
                if self.random.random() < 0.025:
                    counter += 1
                    back = order.placed + timedelta(days=self.random.randrange(2, 15))
                    if back < end:
                        person.orders.append(DemoOrder(f"C{order.number}", back, order.lines[:1], is_return=True))
                at += timedelta(days=max(1.0, self.random.expovariate(1 / (every + 6))) / season(at.date()))

    def _basket(self) -> list[tuple[DemoProduct, int]]:
        home = self.random.choice(PRODUCTS).category
        shelf = [product for product in PRODUCTS if product.category == home]
        size = min(1 + int(self.random.expovariate(1 / 1.2)), 6)
        basket = {self.random.choice(shelf if self.random.random() < 0.6 else PRODUCTS) for _ in range(size)}
        return [
            (product, 1 + (self.random.random() < 0.2) + (self.random.random() < 0.05))
            for product in sorted(basket, key=lambda product: product.code)
        ]

    def _answers(self) -> Iterator[DemoAnswer]:
        comments = {
            "good": ["Arrived the next day.", "They remembered what I like.", "Best coffee in town.", ""],
            "fine": ["Good, a little dear.", "Would like more tea.", ""],
            "bad": ["The parcel came late.", "The cup was chipped.", "Nobody answered my mail.", ""],
        }
        for person in self.people:
            bought = [order for order in person.orders if not order.is_return]
            if not bought or self.random.random() > 0.42:
                continue
            last = self.random.choice(bought)
            at = last.placed + timedelta(days=self.random.randrange(3, 20), minutes=self.random.randrange(600))
            if at.date() >= self.today:
                continue
            mood = self.random.gauss(8.9 if person.attended_by == "sales_force" else 8.4, 1.7)
            score = min(10, max(0, round(mood)))
            kind = "good" if score >= 9 else "fine" if score >= 7 else "bad"
            yield DemoAnswer(person, at, score, self.random.choice(comments[kind]))

    @property
    def orders(self) -> Iterator[tuple[DemoPerson, DemoOrder]]:
        for person in self.people:
            for order in person.orders:
                yield person, order

    def orders_csv(self) -> str:
        """The shop's order file as it would export it: one row per line of an order."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            [
                "Order",
                "Date",
                "Customer",
                "Email",
                "First name",
                "Last name",
                "Product code",
                "Product",
                "Quantity",
                "Price",
            ]
        )
        for person, order in sorted(self.orders, key=lambda pair: (pair[1].placed, pair[1].number)):
            for product, quantity in order.lines:
                writer.writerow(
                    [
                        order.number,
                        order.placed.strftime("%Y-%m-%d %H:%M:%S"),
                        person.external_id,
                        person.email,
                        person.first_name,
                        person.last_name,
                        product.code,
                        product.name,
                        -quantity if order.is_return else quantity,
                        product.price,
                    ]
                )
        return out.getvalue()

    def spend(self) -> Iterator[tuple[date, str, Decimal]]:
        """Day, channel code and euros, as the shop books it: by week, and by day in the last `DAILY` days."""
        for channel in self.channels:
            booked = 0.0
            for offset in range(DAYS + 1):
                day = self.start + timedelta(days=offset)
                level = channel.spend * (1 + channel.growth * offset / DAYS) * season(day)
                booked += level * (0.7 if day.weekday() >= 5 else 1.1) * self.random.uniform(0.85, 1.15)
                if offset > DAYS - DAILY or day.weekday() == 6:
                    yield day, channel.code, Decimal(f"{booked:.2f}")
                    booked = 0.0


def season(day: date) -> float:
    """How lively a day of the year is: 0.8 in August, 1.6 in mid December."""
    return 1.0 + 0.18 * math.cos((day.timetuple().tm_yday - 350) / 365 * 2 * math.pi) + (0.4 if day.month == 12 else 0)
