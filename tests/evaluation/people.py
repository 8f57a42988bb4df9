"""The invented people: as their families know them, and as a clerk has written them down for the site."""

import datetime
import unicodedata

import names

FACILITIES = [
    "Muster Valley Processing Center (invented)",
    "Ejemplo County Detention Center (invented)",
    "Sample Ridge Residential Center (invented)",
    "Placeholder Springs Service Center (invented)",
]
# A-numbers as high as these have not been given to anybody.
FIRST_NUMBER = 700_000_000


class Name:
    """A name and what becomes of it."""

    def __init__(self, line):
        fields = [[part for part in field.split(",") if part] for field in line.split("|")]
        fields += [[]] * (6 - len(fields))
        self.text = fields[0][0]
        self.anyone, self.spanish, self.english, self.short, self.made_english = fields[1:6]


def table(text):
    return [Name(line) for line in text.strip().splitlines()]


def plain(text):
    """As the site spells it: without accents, in plain letters."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.combining(c)).replace("đ", "d").replace("Đ", "D")


class Region:
    """Where people come from, and what they are called there."""

    def __init__(self, share, countries, men, women, surnames, particles=""):
        self.share, self.countries = share, countries
        self.men, self.women, self.surnames = table(men), table(women or men), table(surnames)
        self.particles = table(particles) if particles else []


REGIONS = {
    "latin": Region(
        420,
        {"Guatemala": 20, "Honduras": 18, "Mexico": 22, "El Salvador": 12, "Venezuela": 10, "Colombia": 8, "Ecuador": 8,
         "Nicaragua": 6, "Peru": 5, "Cuba": 5, "Dominican Republic": 4, "Bolivia": 2},
        names.LATIN_MEN, names.LATIN_WOMEN, names.LATIN_SURNAMES, names.LATIN_PARTICLES),
    "haiti": Region(46, {"Haiti": 1}, names.HAITI_MEN, names.HAITI_WOMEN, names.HAITI_SURNAMES),
    "brazil": Region(36, {"Brazil": 1}, names.BRAZIL_MEN, names.BRAZIL_WOMEN, names.BRAZIL_SURNAMES),
    "west_africa": Region(
        40, {"Senegal": 4, "Guinea": 4, "Mauritania": 3, "Ghana": 3, "Nigeria": 3, "Ivory Coast": 2, "Mali": 2, "Gambia": 2,
             "Burkina Faso": 1},
        names.WEST_AFRICA_MEN, names.WEST_AFRICA_WOMEN, names.WEST_AFRICA_SURNAMES),
    "china": Region(28, {"China": 1}, names.CHINA_GIVEN, None, names.CHINA_SURNAMES),
    "india": Region(36, {"India": 1}, names.INDIA_MEN, names.INDIA_WOMEN, names.INDIA_SURNAMES),
    "vietnam": Region(22, {"Vietnam": 1}, names.VIETNAM_GIVEN, None, names.VIETNAM_SURNAMES),
    "arabic": Region(
        30, {"Egypt": 4, "Yemen": 2, "Syria": 2, "Morocco": 2, "Jordan": 2, "Iraq": 2, "Mauritania": 1, "Sudan": 1},
        names.ARABIC_MEN, names.ARABIC_WOMEN, names.ARABIC_SURNAMES),
    "slavic": Region(
        32, {"Russia": 5, "Ukraine": 4, "Kyrgyzstan": 1, "Uzbekistan": 1},
        names.SLAVIC_MEN, names.SLAVIC_WOMEN, names.SLAVIC_SURNAMES),
    "english": Region(
        20, {"Jamaica": 5, "Trinidad and Tobago": 2, "Belize": 2, "Guyana": 2, "United Kingdom": 1, "Canada": 1},
        names.ENGLISH_MEN, names.ENGLISH_WOMEN, names.ENGLISH_SURNAMES),
}


class Person:
    """Somebody invented. `given` and `surnames` are as the family knows them; `first` and `last` as the site holds them."""

    def __init__(self, region, woman, given, surnames, country, born):
        self.region, self.woman, self.given, self.surnames = region, woman, given, surnames
        self.country, self.born = country, born
        self.first = self.last = self.number = self.facility = ""
        self.custody = True
        self.husband = None     # a married woman's husband's surname, where the site or the family uses it
        self.written = "plain"  # how the clerk took the name

    def surname(self, name):
        """A surname as this person bears it."""
        feminine = self.region == "slavic" and self.woman and name.text.endswith("v")
        return name.text + ("a" if feminine else "")

    def is_like(self, other):
        """Whether some name could mean both."""
        if self.country != other.country:
            return False
        given = {name.text for name in self.given} & {name.text for name in other.given}
        surnames = {name.text for name in self.surnames} & {name.text for name in other.surnames}
        nameless = not self.surnames or not other.surnames
        return bool(given and (surnames or nameless))

    def row(self):
        return {
            "first_name": self.first, "last_name": self.last, "alien_number": self.number, "country_of_birth": self.country,
            "date_of_birth": self.born.isoformat(), "status": "in_custody" if self.custody else "released",
            "facility": self.facility,
        }


class Crowd:
    """Everybody."""

    def __init__(self, dice):
        self.dice, self.people = dice, []
        for key, region in REGIONS.items():
            for _ in range(region.share):
                self.people.append(self.write_down(self.invent(key)))
        self.add_namesakes()
        dice.shuffle(self.people)
        step = 0
        for person in self.people:
            step += dice.randrange(3, 9000)
            person.number = str(FIRST_NUMBER + step)
            person.custody = dice.random() > 0.06
            person.facility = dice.choice(FACILITIES) if person.custody else ""

    def born(self):
        day = datetime.date(1958, 1, 1) + datetime.timedelta(days=self.dice.randrange(0, 17_500))
        # Most are young: born by 2005, so adults.
        return day if day.year > 1975 or self.dice.random() < 0.5 else self.born()

    def invent(self, key, country=None):
        dice, region = self.dice, REGIONS[key]
        woman = dice.random() < (0.3 if key == "latin" else 0.25)
        first_names = region.women if woman else region.men
        country = country or dice.choices(list(region.countries), region.countries.values())[0]
        many = {"latin": 0.62, "brazil": 0.35, "english": 0.4, "haiti": 0.15}.get(key, 0)
        given = dice.sample(first_names, 2 if dice.random() < many else 1)
        if key == "vietnam":
            given = [Name(dice.choice(names.VIETNAM_MIDDLE)), *given]
        if key in ("latin", "brazil"):
            surnames = dice.sample(region.surnames, 2)
            if region.particles and dice.random() < 0.16:
                surnames[dice.randrange(2)] = dice.choice(region.particles)
        else:
            surnames = [dice.choice(region.surnames)]
        person = Person(key, woman, given, surnames, country, self.born())
        if key == "latin" and woman and dice.random() < 0.3:
            person.husband = dice.choice(region.surnames)
        return person

    def write_down(self, person):
        """What the clerk makes of it."""
        dice = self.dice
        given = [plain(name.text) for name in person.given]
        surnames = [plain(person.surname(name)) for name in person.surnames]
        luck = dice.random()
        if luck < 0.07:
            # The clerk writes by ear, or in another transliteration.
            which = dice.randrange(2)
            heard, name = (given, person.given[0]) if which else (surnames, person.surnames[0])
            others = name.anyone or name.spanish
            if others:
                heard[0] = plain(dice.choice(others))
                person.written = "misheard"
        how = dice.random()
        person.first, person.last = " ".join(given), " ".join(surnames)
        if person.region in ("latin", "brazil"):
            if person.husband and dice.random() < 0.5:
                person.last, person.written = f"{surnames[0]} De {plain(person.husband.text)}", "married"
            elif how < 0.27:
                person.last, person.written = surnames[-1 if person.region == "brazil" else 0], "one_surname"
            elif how < 0.40:
                person.last, person.written = "-".join(surnames), "hyphen"
            elif how < 0.44:
                person.last, person.written = " ".join(reversed(surnames)), "surnames_turned"
            elif how < 0.48:
                person.first, person.last, person.written = person.last, person.first, "swapped"
            elif how < 0.51 and len(given) == 2:
                person.first, person.last, person.written = given[0], f"{given[1]} {person.last}", "second_name_in_surname"
            if len(given) == 2 and person.written not in ("swapped", "second_name_in_surname"):
                if dice.random() < 0.3:
                    person.first = given[0]
                elif dice.random() < 0.07:
                    person.first = f"{given[0]} {given[1][0]}"
        elif person.region == "india" and how < 0.2:
            # One who has one name only: FNU is "first name unknown".
            person.first, person.last, person.written = "FNU", given[0], "one_name"
            person.surnames = []
        elif person.region == "vietnam" and how < 0.5:
            person.first = " ".join(reversed(given))
        elif person.region in ("china", "vietnam", "arabic", "west_africa") and how > 0.9:
            person.first, person.last, person.written = person.last, person.first, "swapped"
        elif person.region in ("arabic", "haiti", "english"):
            if how < 0.25:
                person.last = person.last.replace("-", " ").replace("'", "")
            elif how < 0.4:
                person.last = person.last.replace("-", "").replace("Saint ", "St ")
        return person

    def add_namesakes(self):
        """People of one name and country, told apart by their birth dates or a second name only."""
        dice = self.dice
        for _ in range(16):
            first = dice.choice([p for p in self.people if p.region == "latin" and p.written in ("plain", "one_surname")])
            for _ in range(dice.choice([1, 1, 1, 2, 3])):
                twin = Person(first.region, first.woman, first.given, first.surnames, first.country, self.born())
                twin.first, twin.last, twin.written = first.first, first.last, "namesake"
                self.people.append(twin)
            first.written = "namesake"
        # Near namesakes: brothers and sisters, and a name that differs by a letter or two.
        for _ in range(14):
            first = dice.choice([p for p in self.people if p.region == "latin"])
            other = self.invent("latin", first.country)
            other.surnames, other.husband = first.surnames, None
            self.people.append(self.write_down(other))
