"""Questions about the invented people, as their families and lawyers would type them, with the person meant.

What a question gets wrong it gets wrong against the row of the person meant, and its kind says how. That two people could be
meant is avoided by a birth date, but for the kind that is about just that.
"""

import datetime
import pathlib
import re

from people import Name, plain

# How many questions of each kind are asked, in two languages.
KINDS = {
    "exact": 90, "accents": 90, "nickname": 80, "made_english": 40, "one_surname": 50, "extra_surname": 50, "surname_order": 50, "name_order": 50,
    "phonetic": 140, "typo": 130, "particles": 60, "hyphen": 60, "middle_name": 50, "missing_middle_name": 35,
    "married_name": 40,
    "transliteration": 120, "wrong_birth_date": 60, "no_birth_date": 40, "several_errors": 120, "namesake": 50,
    "namesake_no_date": 20, "suffix": 16, "one_name": 12, "nobody": 110, "nobody_namesake": 50,
}
COUNTRIES = pathlib.Path(__file__).parents[2] / "server/src/search/countries.txt"
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk", "k": "jl",
    "l": "ko", "m": "n", "n": "mb", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb",
    "w": "qe", "x": "zc", "y": "tu", "z": "x",
}
# What an ear makes of a name that is not on the lists.
BY_EAR = {
    "es": [("v", "b"), ("b", "v"), ("z", "s"), ("ce", "se"), ("ci", "si"), ("ll", "y"), ("ge", "je"), ("gi", "ji"), ("qu", "k"),
           ("h", ""), ("s", "z"), ("y", "i"), ("x", "s"), ("w", "gu"), ("ph", "f")],
    "en": [("ll", "l"), ("rr", "r"), ("ez", "es"), ("i", "ee"), ("c", "k"), ("j", "h"), ("z", "s"), ("o", "oe"), ("ia", "ea"),
           ("n", "nn"), ("e", "a"), ("qu", "k"), ("ie", "ei")],
}


class Mended:
    """A question in the making: a list of given names and one of surnames, and a birth date other than the true one."""

    def __init__(self, given, surnames):
        self.given, self.surnames, self.middle = given, surnames, ""
        self.born = None


class Asker:
    """Makes the questions."""

    def __init__(self, crowd, dice):
        self.crowd, self.dice = crowd, dice
        lines = [line.split(";") for line in COUNTRIES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        self.country_names = {fields[2]: fields[3] for fields in lines}

    def queries(self):
        rows, seen = [], set()
        for kind, count in KINDS.items():
            made = tries = 0
            while made < count:
                tries += 1
                if tries > 40_000:
                    raise SystemExit(f"{kind}: only {made} of {count}")
                language = "es" if made % 2 else "en"
                row = self.ask(kind, language)
                key = row and tuple(row.values())[2:]
                if row and key not in seen:
                    seen.add(key)
                    rows.append(row)
                    made += 1
        self.dice.shuffle(rows)
        return rows

    def ask(self, kind, language):
        person = self.dice.choice(self.crowd.people)
        if kind == "nobody":
            return self.nobody(person, language)
        mended = getattr(self, kind)(person, language)
        twins = [other for other in self.crowd.people if other is not person and person.is_like(other)]
        if mended is None or (twins and kind == "wrong_birth_date"):
            return None
        dated = {"no_birth_date": False, "namesake_no_date": False, "wrong_birth_date": True, "nobody_namesake": True}
        wants_date = dated.get(kind, bool(twins) or self.dice.random() < 0.5)
        if not wants_date and twins and kind != "namesake_no_date":
            return None
        born = (mended.born or person.born.isoformat()) if wants_date else ""
        return self.row(language, kind, mended, born, person, "" if kind == "nobody_namesake" else person.number)

    def row(self, language, kind, mended, born, person, number):
        first, middle = " ".join(mended.given), mended.middle
        if not middle and len(mended.given) == 2 and kind != "exact" and self.dice.random() < 0.4:
            first, middle = mended.given
        country = person.country if language == "en" else self.country_names[person.country]
        last = " ".join(mended.surnames)
        if self.dice.random() < 0.12:
            first, middle, last, country = (text.lower() for text in (first, middle, last, country))
        elif self.dice.random() < 0.05:
            first, middle, last = (text.upper() for text in (first, middle, last))
        if not first.strip() or not last.strip():
            return None
        return {
            "language": language, "kind": kind, "first_name": first, "middle_name": middle, "last_name": last,
            "date_of_birth": born, "country_of_birth": country, "alien_number": number,
        }

    def known(self, person, language, accents=None):
        """The name as the family writes it, in as many parts as the site has, one by one."""
        with_accents = accents if accents is not None else self.dice.random() < (0.5 if language == "es" else 0.1)
        spell = (lambda text: text) if with_accents else plain
        given = [spell(name.text) for name in person.given]
        surnames = [spell(person.surname(name)) for name in person.surnames]
        return Mended(given, surnames)

    def as_held(self, person):
        return Mended(person.first.split(), [person.last])

    def as_usual(self, person, language, accents=None):
        """The family's name, with those parts that the site has, so that an error is the only difference."""
        if person.written not in ("plain", "one_surname", "hyphen", "namesake"):
            return None
        mended = self.known(person, language, accents)
        if person.region == "latin":
            mended.given = mended.given[: len(person.first.split())]
        if person.written == "one_surname" and len(mended.surnames) == 2:
            mended.surnames = mended.surnames[-1:] if person.region == "brazil" else mended.surnames[:1]
        elif person.written == "hyphen":
            mended.surnames = ["-".join(mended.surnames)]
        elif plain(" ".join(mended.surnames)) != person.last:
            mended.surnames = [person.last]
        return mended

    # One method a kind. Each gives nothing for a person who has no such error to offer.

    def exact(self, person, language):
        return self.as_held(person)

    def accents(self, person, language):
        mended = self.as_usual(person, language, accents=True)
        if not mended or all(plain(word) == word for word in mended.given + mended.surnames):
            return None
        return mended

    def pet(self, person, language, which):
        mended = self.as_usual(person, language)
        options = getattr(person.given[0], which)
        if not mended or not options:
            return None
        mended.given[0] = self.dice.choice(options)
        if self.dice.random() < 0.15:
            del mended.given[1:]
        return mended

    def nickname(self, person, language):
        return self.pet(person, language, "short")

    def made_english(self, person, language):
        return self.pet(person, language, "made_english")

    def one_surname(self, person, language):
        """The family says one surname of two. Most drop the mother's; some have only ever heard hers."""
        if len(person.surnames) != 2 or person.husband or person.written not in ("plain", "hyphen", "namesake"):
            return None
        mended = self.known(person, language)
        mended.surnames = [mended.surnames[0 if self.dice.random() < 0.8 else 1]]
        return mended

    def extra_surname(self, person, language):
        """The family says both surnames, the site has one."""
        if len(person.surnames) != 2 or person.husband or person.written != "one_surname":
            return None
        mended = self.known(person, language)
        usual = self.as_usual(person, language)
        mended.given = usual.given
        return mended

    def surname_order(self, person, language):
        if len(person.surnames) != 2:
            return None
        mended = self.known(person, language)
        if person.written in ("plain", "hyphen"):
            mended.surnames.reverse()
            return mended
        return mended if person.written == "surnames_turned" else None

    def name_order(self, person, language):
        mended = self.known(person, language)
        if person.written == "swapped":
            return mended
        mended = self.as_usual(person, language)
        if not mended:
            return None
        return Mended([" ".join(mended.surnames)], [" ".join(mended.given)])

    def heard(self, name, bare, language):
        lists = name.anyone + name.anyone + (name.spanish if language == "es" else name.english) * 2
        options = [option for option in lists if plain(option).lower() != plain(bare).lower()]
        if options and self.dice.random() < 0.9:
            chosen = self.dice.choice(options)
            return chosen if language == "es" else plain(chosen)
        rules = [rule for rule in BY_EAR[language] if rule[0] in bare[1:].lower()]
        if not rules:
            return None
        wrong, right = self.dice.choice(rules)
        at = bare.lower().index(wrong, 1)
        return bare[:at] + right + bare[at + len(wrong):]

    def misspell(self, person, language, how, parts=1):
        """Misspells so many of the name's parts."""
        mended = self.as_usual(person, language)
        if not mended or not person.surnames:
            return None
        places = [("given", n) for n in range(len(mended.given))]
        if person.written in ("plain", "one_surname", "namesake") and len(mended.surnames) <= len(person.surnames):
            places += [("surnames", n) for n in range(len(mended.surnames))] * 2
        self.dice.shuffle(places)
        done = set()
        for place, n in places:
            if (place, n) in done:
                continue
            words = getattr(mended, place)
            names_known = getattr(person, place)
            if n >= len(names_known):
                continue
            name = names_known[n] if plain(words[n]).startswith(plain(names_known[n].text)) else Name(words[n])
            wrong = how(name, words[n], language)
            if wrong and plain(wrong).lower() != plain(words[n]).lower():
                feminine = person.woman and place == "surnames" and words[n].endswith("va") and not wrong.endswith("a")
                words[n] = wrong + ("a" if feminine else "")
                done.add((place, n))
            if len(done) == parts:
                return mended
        return None

    def phonetic(self, person, language):
        if person.region not in ("latin", "brazil", "haiti", "english"):
            return None
        return self.misspell(person, language, self.heard)

    def transliteration(self, person, language):
        if person.region in ("latin", "brazil", "haiti", "english"):
            return None
        return self.misspell(person, language, self.heard, self.dice.choice([1, 1, 2]))

    def mistyped(self, name, bare, language):
        if len(bare) < 4:
            return None
        at = self.dice.randrange(1, len(bare) - 1)
        how = self.dice.choice(["drop", "swap", "double", "near", "drop", "swap"])
        letter = bare[at].lower()
        if not letter.isalpha() or not bare[at + 1].isalpha():
            return None
        if how == "drop":
            return bare[:at] + bare[at + 1:]
        if how == "swap":
            return bare[:at] + bare[at + 1] + bare[at] + bare[at + 2:]
        if how == "double":
            return bare[:at] + bare[at] + bare[at:]
        return bare[:at] + self.dice.choice(NEIGHBOURS.get(plain(letter), "e")) + bare[at + 1:]

    def typo(self, person, language):
        return self.misspell(person, language, self.mistyped)

    def particles(self, person, language):
        at = next((n for n, name in enumerate(person.surnames) if re.match("(De|Del) |Montes de|Santa M", name.text)), None)
        if person.region == "brazil":
            at = next((n for n, name in enumerate(person.surnames) if any(" " in one for one in name.anyone)), None)
        if at is None or person.husband or person.written not in ("plain", "one_surname", "namesake"):
            return None
        mended = self.known(person, language)
        if person.written == "one_surname":
            if at != (1 if person.region == "brazil" else 0):
                return None
            mended.surnames = [mended.surnames[at]]
            at = 0
        name = next(one for one in person.surnames if plain(one.text) == plain(mended.surnames[at]))
        wrong = self.dice.choice([one for one in name.anyone if plain(one) != plain(name.text)] + [name.text.split()[-1]])
        if plain(wrong) == plain(name.text):
            return None
        mended.surnames[at] = wrong
        return mended

    def hyphen(self, person, language):
        mended = self.known(person, language)
        if len(person.surnames) == 2 and not person.husband:
            if person.written == "hyphen":
                if self.dice.random() < 0.2:
                    mended.surnames = ["".join(mended.surnames)]
                return mended
            if person.written == "plain" and " " not in "".join(mended.surnames):
                mended.surnames = ["-".join(mended.surnames)]
                return mended
        if person.region == "haiti" and person.written == "plain":
            loose = [[word.replace("-", self.dice.choice([" ", ""])) for word in part] for part in (mended.given, mended.surnames)]
            if loose != [mended.given, mended.surnames]:
                return Mended(*loose)
        return None

    def two_given(self, person):
        with_two = len(person.given) == 2 and person.region in ("latin", "brazil", "english")
        return with_two and person.written in ("plain", "one_surname", "second_name_in_surname")

    def middle_name(self, person, language):
        """The family says a name more than the site has, or both in another order, or only a letter of one."""
        if not self.two_given(person):
            return None
        mended = self.as_usual(person, language) or self.known(person, language)
        mended.given = self.known(person, language).given
        how = self.dice.randrange(3)
        if len(person.first.split()) == 2 and how == 1:
            mended.given, mended.middle = [mended.given[0]], mended.given[1][0] + self.dice.choice(["", "."])
        elif len(person.first.split()) == 2:
            mended.given.reverse()
        return mended

    def missing_middle_name(self, person, language):
        """The family says one name of two; now and then the one that the site does not have."""
        if not self.two_given(person):
            return None
        mended = self.as_usual(person, language) or self.known(person, language)
        full = self.known(person, language).given
        if len(person.first.split()) == 1 and person.written != "second_name_in_surname":
            mended.given = [full[1]] if self.dice.random() < 0.2 else None
        else:
            mended.given = [full[0 if self.dice.random() < 0.7 else 1]]
        return mended if mended.given else None

    def married_name(self, person, language):
        if not person.husband:
            return None
        mended = self.known(person, language)
        husband = person.husband.text if language == "es" else plain(person.husband.text)
        if person.written == "married":
            # The site has her husband's name; the family uses hers, or his alone.
            mended.surnames = self.dice.choice([mended.surnames, mended.surnames[:1], [husband]])
        elif person.written in ("plain", "one_surname", "hyphen"):
            mended.surnames = self.dice.choice([[mended.surnames[0], "de", husband], [mended.surnames[0], husband]])
        else:
            return None
        return mended

    def wrong_birth_date(self, person, language):
        mended = self.as_usual(person, language)
        if not mended:
            return None
        born = person.born
        how = self.dice.randrange(4)
        wrong = born
        if how == 0 and born.day <= 12 and born.day != born.month:
            wrong = born.replace(month=born.day, day=born.month)
        elif how == 1 and born.day <= 28:
            wrong = born.replace(year=born.year + self.dice.choice([-1, 1, 10, -10, -2]))
        elif how == 2:
            wrong = born + datetime.timedelta(days=self.dice.choice([-1, 1, 2, -10, 10]))
        elif how == 3 and born.day <= 28:
            wrong = born.replace(month=born.month % 12 + 1)
        if wrong == born or wrong.year > 2007:
            return None
        mended.born = wrong.isoformat()
        return mended

    def no_birth_date(self, person, language):
        return self.as_usual(person, language)

    def several_errors(self, person, language):
        """Two or three things at once: names spelt by ear or mistyped, a surname left out, names turned."""
        how = self.heard if self.dice.random() < 0.6 else self.mistyped
        mended = self.misspell(person, language, how, self.dice.choice([1, 2]))
        if not mended:
            return None
        choice = self.dice.randrange(4)
        if choice == 0 and len(mended.surnames) == 2:
            mended.surnames = mended.surnames[:1]
        elif choice == 1 and len(mended.surnames) == 2:
            mended.surnames.reverse()
        elif choice == 2 and len(mended.given) == 2:
            del mended.given[self.dice.randrange(2)]
        elif choice == 3 and person.given[0].short and plain(mended.given[0]) == plain(person.given[0].text):
            mended.given[0] = self.dice.choice(person.given[0].short)
        else:
            mended = Mended([" ".join(mended.surnames)], [" ".join(mended.given)])
        return mended

    def namesake(self, person, language):
        return self.as_usual(person, language) if person.written == "namesake" else None

    def namesake_no_date(self, person, language):
        return self.as_held(person) if person.written == "namesake" else None

    def suffix(self, person, language):
        if person.woman or person.region not in ("latin", "english", "brazil"):
            return None
        mended = self.as_usual(person, language)
        if mended:
            mended.surnames = [*mended.surnames, self.dice.choice(["Jr", "Jr.", "III", "Sr"] if language == "en" else ["Jr.", "hijo", "II"])]
        return mended

    def one_name(self, person, language):
        if person.written != "one_name":
            return None
        name = person.last
        surname = self.dice.choice(["Kaur" if person.woman else "Singh", name])
        return Mended([name], [surname])

    def nobody_namesake(self, person, language):
        """The same name and country, and yet somebody else: born in another year, month and day."""
        mended = self.as_usual(person, language)
        twins = [other for other in self.crowd.people if person.is_like(other)]
        born = self.crowd.born()
        if not mended or any(
            abs(born.year - other.born.year) < 4 or born.month == other.born.month or born.day == other.born.day for other in twins
        ):
            return None
        mended.born = born.isoformat()
        return mended

    def nobody(self, person, language):
        """Somebody who is not there: a brother or sister of one who is, or nobody's relative."""
        other = self.crowd.invent(person.region, person.country)
        if self.dice.random() < 0.5 and person.surnames:
            other.surnames = person.surnames
        alike = {plain(text).lower() for name in other.given for text in [name.text, *name.anyone, *name.short, *name.english, *name.spanish]}
        for one in self.crowd.people:
            given = {plain(text).lower() for name in one.given for text in [name.text, *name.anyone, *name.short, *name.english, *name.spanish]}
            surnames = {name.text for name in one.surnames} & {name.text for name in other.surnames}
            if one.country == other.country and (surnames or not one.surnames) and given & alike:
                return None
        mended = self.known(other, language)
        if len(mended.surnames) == 2 and self.dice.random() < 0.4:
            mended.surnames = mended.surnames[:1]
        born = other.born.isoformat() if self.dice.random() < 0.5 else ""
        return self.row(language, "nobody", mended, born, other, "")
