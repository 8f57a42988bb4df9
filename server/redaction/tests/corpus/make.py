#!/usr/bin/env python3
"""Makes the corpus from hand/*.txt (written by hand) and material.py (templates): the same bytes each time.

    make.py               writes everyday.jsonl, hard.jsonl, harmless.jsonl, letters.jsonl and clean.jsonl beside this file
    make.py --check       says whether they are what would be written
    make.py --open DIR    writes only the half that the redactor's author may see

Marks in hand/*.txt: «k:shown≡value» is planted; `value` is what it stands for where that cannot be told from what is shown.
k: n name, a A-number, s SSN, p phone, e e-mail, d address, b date, x document, c credential, o other, - neither planted nor
harmless. @word in a credential is one that is made up. ‖ k:value; k:value at the end of a line is what the session has
shown. ⏎ ⇥ stand for a new line and a tab, ⌀ ⊘ ⊖ ⊙ for U+200B, U+200D, U+00AD and U+2060.
"""
import base64
import hashlib
import json
import random
import re
import sys
import unicodedata
from datetime import date
from pathlib import Path
from urllib.parse import quote

import material

HERE = Path(__file__).parent
KINDS = {
    "n": "name", "a": "a_number", "s": "ssn", "p": "phone", "e": "email", "d": "address", "b": "date", "x": "document", "c": "credential", "o": "other",
}
STAND_INS = str.maketrans({"⏎": "\n", "⇥": "\t", "⌀": "\u200b", "⊘": "\u200d", "⊖": "\u00ad", "⊙": "\u2060"})
MONTHS_EN = "January February March April May June July August September October November December".split()
MONTHS_ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
GENERIC = set("calle avenida carrera camino pasaje street avenue road colonia barrio zona north south east west los las mount".split())


def plain(text):
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def digits(text):
    return re.sub(r"\D", "", text)


# --- dates -----------------------------------------------------------------------------------------------------------

def read_date(shown, language):
    """The day that a date written in a usual form stands for."""
    if m := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", shown):
        return "%04d-%02d-%02d" % tuple(map(int, m.groups()))
    if m := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", shown):
        first, second, year = map(int, m.groups())
        month, day = (second, first) if language == "es" or first > 12 else (first, second)
        if month > 12:
            month, day = day, month
        return "%04d-%02d-%02d" % (year, month, day)
    words = re.findall(r"[a-z]+|\d+", plain(shown).lower())
    month = next((i for i, name in enumerate(MONTHS_EN, 1) for w in words if len(w) > 2 and name.lower().startswith(w)), None) or next(
        (i for i, name in enumerate(MONTHS_ES, 1) for w in words if len(w) > 2 and name.startswith(w)), None)
    numbers = [int(w) for w in words if w.isdigit()]
    day = next(n for n in numbers if n < 32)
    year = next((n for n in numbers if n > 1900), None)
    return ("%04d" % year if year else "-") + "-%02d-%02d" % (month, day)


def show_date(r, d, language):
    m_en, m_es = MONTHS_EN[d.month - 1], MONTHS_ES[d.month - 1]
    if language == "es":
        return r.choice([
            f"{d.day} de {m_es} de {d.year}", f"{d.day} de {m_es} del {d.year}", f"{d.day:02}/{d.month:02}/{d.year}", f"{d.day}/{d.month}/{d.year}",
            f"{d.day:02}-{d.month:02}-{d.year}", d.isoformat(), f"{d.day} {m_es} {d.year}",
        ])
    th = "th" if 10 < d.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10, "th")
    return r.choice([
        f"{m_en} {d.day}, {d.year}", f"{d.month:02}/{d.day:02}/{d.year}", f"{d.month}/{d.day}/{d.year}", d.isoformat(), f"{d.day} {m_en} {d.year}",
        f"{m_en} {d.day}{th}, {d.year}", f"the {d.day}{th} of {m_en} {d.year}", f"{m_en[:3]} {d.day}, {d.year}", f"{d.month:02}-{d.day:02}-{d.year}",
    ])


def odd_date(r, d, language):
    m = (MONTHS_ES if language == "es" else MONTHS_EN)[d.month - 1]
    short = d.year % 100
    roman = "I II III IV V VI VII VIII IX X XI XII".split()[d.month - 1]
    return r.choice([
        f"{d.day:02}-{m[:3]}-{short:02}", f"{d.year}{d.month:02}{d.day:02}", f"{d.year}.{d.month:02}.{d.day:02}", f"{d.day}/{roman}/{d.year}",
        f"{d.day}.{d.month}.{short:02}", f"{m[:3]}.{d.day},{d.year}", f"{d.day} {m[:3].upper()} {d.year}", f"{d.isoformat()}T00:00:00Z",
        f"{d.day:02}{m[:3].upper()}{d.year}", f"{d.day} / {d.month} / {d.year}", f"{m.lower()} {d.day} {d.year}", f"{d.year}-{m[:3]}-{d.day:02}",
        f"{d.day:02} {d.month:02} {d.year}", f"{m} {d.day} '{short:02}",
    ])


# --- numbers in words ------------------------------------------------------------------------------------------------

UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(),
    "es": ("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve "
           "veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve").split(),
}
TENS = {"en": "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split(), "es": "_ _ veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()}
ORDINALS = ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
            "eighteenth nineteenth twentieth").split()


def two(n, language):
    if n < len(UNITS[language]):
        return UNITS[language][n]
    tens, unit = TENS[language][n // 10], n % 10
    if unit == 0:
        return tens
    return f"{tens} y {UNITS['es'][unit]}" if language == "es" else f"{tens}-{UNITS['en'][unit]}"


def spelled(r, number, language):
    style = r.randrange(3)
    if style < 2:
        words = [UNITS[language][int(c)] for c in number]
        if language == "en" and r.random() < 0.3:
            words = ["oh" if w == "zero" else w for w in words]
        return " ".join(words) if style == 0 else ", ".join(" ".join(words[i:i + 3]) for i in range(0, len(words), 3))
    words, i = [], 0
    while i < len(number):
        if number[i] == "0" or i + 1 == len(number):
            words.append(UNITS[language][int(number[i])])
            i += 1
        else:
            words.append(two(int(number[i:i + 2]), language))
            i += 2
    return " ".join(words)


def date_in_words(d, language):
    if language == "es":
        day = "primero" if d.day == 1 else two(d.day, "es")
        year = "dos mil " + two(d.year - 2000, "es") if d.year >= 2000 else "mil novecientos " + two(d.year - 1900, "es")
        return f"{day} de {MONTHS_ES[d.month - 1]} de {year}"
    day = ORDINALS[d.day - 1] if d.day <= 20 else "thirtieth" if d.day == 30 else "thirty-first" if d.day == 31 else "twenty-" + ORDINALS[d.day - 21]
    year = "two thousand " + two(d.year - 2000, "en") if d.year >= 2000 else "nineteen " + two(d.year - 1900, "en")
    return f"{MONTHS_EN[d.month - 1]} {day}, {year}"


# --- people ----------------------------------------------------------------------------------------------------------

class Person:
    def __init__(self, r, culture=None):
        self.culture = culture or r.choice(list(material.PEOPLE))
        given, surnames, used, self.country = material.PEOPLE[self.culture]
        given, surnames = given.split(), surnames.split()
        names = [r.choice(given)]
        if used == 2 and r.random() < 0.4:
            names.append(r.choice([n for n in given if n not in names]))
        family = [r.choice(surnames)]
        if used == 2 and r.random() < 0.7:
            family.append(r.choice([n for n in surnames if n not in family]))
        self.given, self.family = " ".join(names), " ".join(family)
        self.full = f"{self.given} {self.family}"
        self.born = date(r.randrange(1948, 2008), r.randrange(1, 13), r.randrange(1, 29))
        self.a = r.choice(["2", "2", "2", "0"]) + "".join(r.choice("0123456789") for _ in range(8))
        self.ssn = r.choice("78") + "".join(r.choice("123456789") for _ in range(8))
        self.phone = r.choice("713 404 786 323 212 615 210 956 305 703 571 919".split()) + "5550" + str(r.randrange(100, 200))
        base = plain(self.given.split()[0] + r.choice([".", "_", ""]) + self.family.split()[0]).lower().replace("'", "").replace("-", "")
        self.mail = base + r.choice(["", str(r.randrange(60, 99)), str(r.randrange(1970, 2005))]) + "@" + r.choice(material.MAIL_HOSTS)
        self.passport = r.choice(["G", "X", "C", "EJ", "FX", "A0", "YB", "P"]) + str(r.randrange(1_000_000, 99_999_999))
        number = r.choice(material.STREETS_EN)
        self.street_en = number + r.choice(material.UNITS) + ", " + r.choice(material.CITIES)
        self.street_es = r.choice(material.STREETS_ES)

    def a_number(self, r):
        n = self.a
        return r.choice([f"A{n}", f"A{n[:3]}-{n[3:6]}-{n[6:]}", f"A {n[:3]} {n[3:6]} {n[6:]}", f"A# {n}", f"A-{n}", f"A{n[:3]} {n[3:6]} {n[6:]}", f"A{n}"])

    def phone_number(self, r):
        a, b, c = self.phone[:3], self.phone[3:6], self.phone[6:]
        return r.choice([f"({a}) {b}-{c}", f"{a}-{b}-{c}", f"{a}.{b}.{c}", f"+1 {a} {b} {c}", f"+1{a}{b}{c}", f"{a} {b} {c}", f"1-{a}-{b}-{c}", f"{a}{b}{c}"])

    def social(self, r):
        n = self.ssn
        return r.choice([f"{n[:3]}-{n[3:5]}-{n[5:]}", f"{n[:3]} {n[3:5]} {n[5:]}", f"{n[:3]}-{n[3:5]}-{n[5:]}"])


def street_key(shown):
    """The number and the word of a street that together name a house."""
    if m := re.match(r"(\d+) Calle (\d+)-(\d+)", shown):
        return " ".join(m.groups())
    found = re.findall(r"\d+|[^\W\d_]+", shown.split(" Colonia")[0])
    number = next(w for w in found if w.isdigit())
    word = next(w for w in found if not w.isdigit() and len(w) > 3 and w.lower() not in GENERIC)
    return f"{number} {word}" if found.index(number) < found.index(word) else f"{word} {number}"


# --- credentials: of many vendors' forms, none of them real -----------------------------------------------------------

def credential(r, form):
    def some(alphabet, n):
        return "".join(r.choice(alphabet) for _ in range(n))
    b62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    hexes = "0123456789abcdef"
    seg = lambda n: some(b62 + "-_", n)
    if form == "jwt":
        return "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJm" + seg(30) + "." + seg(43)
    if form == "password":
        return r.choice(["Quetzal", "Volcan", "Tortuga", "Winter", "Sunrise", "Maiz"]) + r.choice("!#$%*") + some("0123456789", 4) + some("abcdefgh", 3)
    return {
        "github": lambda: r.choice(["ghp_", "gho_", "ghs_"]) + some(b62, 36), "gitlab": lambda: "glpat-" + seg(20), "openai": lambda: "sk-proj-" + seg(44),
        "anthropic": lambda: "sk-ant-api03-" + seg(60), "aws_id": lambda: "AKIA" + some(b62[:26] + "234567", 16), "aws_secret": lambda: some(b62 + "/+", 40),
        "slack": lambda: "xoxb-" + some("123456789", 12) + "-" + some("123456789", 12) + "-" + some(b62, 24), "stripe": lambda: "sk_live_" + some(b62, 24),
        "google": lambda: "AIza" + seg(35), "sendgrid": lambda: "SG." + seg(22) + "." + seg(43), "npm": lambda: "npm_" + some(b62, 36),
        "hex": lambda: some(hexes, 40), "hex32": lambda: some(hexes, 32), "b64": lambda: some(b62 + "+/", 43) + "=", "b62": lambda: some(b62, 24),
        "uuid": lambda: "-".join(some(hexes, n) for n in (8, 4, 4, 4, 12)), "pem": lambda: "MIIEowIBAAKCAQEA" + some(b62 + "+/", 48) + "\n" + some(b62 + "+/", 64),
        "azure": lambda: some(b62 + "+/", 86) + "==", "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + seg(60), "hf": lambda: "hf_" + some(b62, 34),
        "telegram": lambda: some("123456789", 10) + ":AA" + seg(33), "digitalocean": lambda: "dop_v1_" + some(hexes, 64),
    }[form]()


FORMS = ("github gitlab openai anthropic aws_id stripe google sendgrid npm hex hex32 b64 uuid jwt slack pypi hf telegram digitalocean azure").split()

# --- obfuscations of a value ------------------------------------------------------------------------------------------

CYRILLIC = str.maketrans("AaBCcEeHiKMOopPTxXysjS", "АаВСсЕеНіКМОорРТхХуѕјЅ")
GREEK = str.maketrans("ABEZHIKMNOPTYXov", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧον")
LEET = str.maketrans("aeiostAEIOST", "43105743105+")
DIGIT_LETTERS = str.maketrans("015", "OlS")


def mix(r, text, table, share=0.7):
    changed = "".join(c.translate(table) if r.random() < share else c for c in text)
    return changed if changed != text else text.translate(table)


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain(text))


def bold(text):
    return "".join(chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else
                   chr(0x1D7CE + ord(c) - 48) if c.isdigit() and c.isascii() else c for c in plain(text))


def insert(r, text, between):
    out = [text[0]]
    for previous, c in zip(text, text[1:]):
        if previous != " " and c != " " and r.random() < 0.5:
            out.append(between)
        out.append(c)
    joined = "".join(out)
    return joined if joined != text else text[:2] + between + text[2:]


def spaced(r, text):
    between = r.choice([" ", " ", ".", "-", "_", " . ", "\u00a0", "*"])
    return r.choice(["   ", "  /  "]).join(between.join(word) for word in text.split()) if between == " " else " ".join(between.join(word) for word in text.split())


def split(r, text):
    word = max(text.split(), key=len)
    at = len(word) // 2
    return text.replace(word, word[:at] + r.choice(["-\n", "\n", " / ", "- ", "·", " | ", "\\", "\" + \"", "=\n", "~"]) + word[at:], 1)


def entities(r, text):
    return "".join(f"&#{ord(c)};" if not c.isascii() or r.random() < 0.25 else c for c in text) if r.random() < 0.6 else "".join(f"&#x{ord(c):x};" for c in text)


def percent(r, text):
    if r.random() < 0.5:
        return quote(text, safe="").replace("%20", r.choice(["%20", "+"]))
    return "".join("".join("%%%02X" % b for b in c.encode()) if not c.isalnum() or r.random() < 0.3 or not c.isascii() else c for c in text)


def escapes(r, text):
    return "".join(f"\\u{ord(c):04x}" if not c.isascii() or r.random() < 0.25 else c for c in text) if r.random() < 0.7 else "".join(
        f"\\x{b:02x}" if b > 127 or r.random() < 0.2 else chr(b) for b in text.encode())


def typo(r, text):
    """One slip in each word of four letters or more."""
    def slip(word):
        if len(word) < 5:
            return word
        i = r.randrange(1, len(word) - 2)
        return r.choice([word[:i] + word[i + 1] + word[i] + word[i + 2:], word[:i] + word[i + 1:], word[:i] + word[i] + word[i:]])
    return " ".join(map(slip, plain(text).split()))


def initials(r, person):
    first = [n[0] for n in person.given.split()]
    last = person.family.split()[0]
    shown = r.choice([f"{first[0]}. {last}", f"{'.'.join(first)}. {last}", f"{last}, {first[0]}.", f"{last} {first[0]}", f"{first[0]}.{last}"])
    return shown, last


def hard_name(r, person, how):
    """What is shown and what of it identifies."""
    full = person.full
    if how == "reordered":
        shown = r.choice([f"{person.family}, {person.given}", f"{person.family} {person.given}", f"{person.family.upper()}, {person.given}", " ".join(reversed(full.split()))])
        return shown, shown
    if how == "hyphenated":
        joint = r.choice("-_.+")
        shown = r.choice([joint.join(full.split()), joint.join(plain(full).lower().split()), "".join(w.capitalize() for w in plain(full).split()), person.given + " " + person.family.replace(" ", "-")])
        return shown, shown
    if how == "initials":
        return initials(r, person)
    if how == "typo":
        shown = typo(r, full)
        return shown, shown
    if how == "seen_back":
        shown = r.choice([full.upper(), plain(full), plain(full).lower(), person.family, f"{person.given.split()[0]} {person.family.split()[-1]}", f"{plain(person.family).upper()} {person.given[0]}",
                          person.family.split()[0] + "'s", full.replace(" ", "  "), full.swapcase()])
        return shown, " ".join(w for w in re.sub(r"'s$", "", shown).split() if len(w) > 1)
    shown = {
        "spaced": lambda: spaced(r, full), "split": lambda: split(r, full), "fullwidth": lambda: r.choice([full_width, bold])(full),
        "zero_width": lambda: insert(r, full, r.choice("\u200b\u200c\u200d\u2060\u00ad\ufeff\u180e")), "lookalike": lambda: mix(r, plain(full), r.choice([CYRILLIC, CYRILLIC, GREEK])),
        "nfd": lambda: unicodedata.normalize("NFD", full), "leet": lambda: mix(r, plain(full), LEET), "url": lambda: percent(r, full),
        "entities": lambda: entities(r, full), "escapes": lambda: escapes(r, full), "lowercase": lambda: plain(full).lower(), "caps": lambda: full.upper(),
        "base64": lambda: r.choice([lambda: base64.b64encode(full.encode()).decode(), lambda: base64.urlsafe_b64encode(("name=" + full).encode()).decode().rstrip("="), lambda: full.encode().hex()])(),
        "path": lambda: r.choice(["/srv/cases/{}/intake.pdf", "C:\\cases\\{}.docx", "s3://bucket/{}/photo.png", "./scan_{}.jpg"]).format(r.choice("_-.").join(plain(full).split())),
    }[how]()
    return shown, full


def hard_number(r, value, how, language, prefix=""):
    if how == "spaced":
        return prefix + r.choice([" ", "  ", ".", "_", "\u2009"]).join(value)
    if how == "split":
        return prefix + r.choice(["-\n", "/", " | ", "\n", "·", ") (", "—", ", "]).join([value[:3], value[3:6], value[6:]])
    if how == "fullwidth":
        return r.choice([full_width, bold])(prefix + value)
    if how == "zero_width":
        return insert(r, prefix + value, r.choice("\u200b\u200d\u2060\u00ad"))
    if how == "lookalike":
        return prefix + mix(r, value, DIGIT_LETTERS, 0.9)
    if how == "words":
        return spelled(r, value, language)
    if how == "url":
        return prefix + r.choice(["%20", "%2D", "+"]).join([value[:3], value[3:6], value[6:]])
    if how == "escapes":
        return prefix + r.choice(["\\u002d", "\\u0020", "\\t"]).join([value[:3], value[3:6], value[6:]])
    if how == "entities":
        return prefix + r.choice(["&#45;", "&nbsp;", "&#x2d;"]).join([value[:3], value[3:6], value[6:]])
    if how == "base64":
        return base64.b64encode((prefix + value).encode()).decode()
    return prefix + r.choice(["-", " ", ".", ""]).join([value[:3], value[3:5], value[5:7], value[7:]])


def hard_mail(r, mail, how, language):
    if how == "words":
        at, dot = ("arroba", "punto") if language == "es" else ("at", "dot")
        return r.choice([mail.replace("@", f" {at} ").replace(".", f" {dot} "), mail.replace("@", f" [{at}] ").replace(".", f"[{dot}]"), mail.replace("@", f"({at})"), mail.replace("@", " @ ")])
    return {"spaced": lambda: " ".join(mail), "fullwidth": lambda: full_width(mail), "zero_width": lambda: insert(r, mail, "\u200b"), "caps": mail.upper,
            "lookalike": lambda: mix(r, mail.split("@")[0], CYRILLIC) + "@" + mail.split("@")[1], "url": lambda: mail.replace("@", "%40").replace(".", "%2E"),
            "entities": lambda: mail.replace("@", "&#64;").replace(".", "&#46;"), "escapes": lambda: mail.replace("@", "\\u0040"),
            "base64": lambda: base64.b64encode(mail.encode()).decode()}[how]()


# how many of each obfuscation, and how many of ten are of values that the session has shown
NAMES = {
    "spaced": (45, 5), "split": (30, 8), "fullwidth": (30, 5), "zero_width": (45, 5), "lookalike": (45, 5), "nfd": (30, 5), "leet": (35, 8), "reordered": (40, 9),
    "hyphenated": (45, 8), "initials": (45, 8), "url": (45, 7), "entities": (45, 5), "escapes": (45, 5), "base64": (25, 10), "lowercase": (60, 4), "caps": (45, 5),
    "typo": (40, 10), "path": (30, 7), "seen_back": (50, 10),
}
NUMBERS = {
    "a": {"spaced": 15, "split": 15, "fullwidth": 12, "zero_width": 14, "lookalike": 12, "words": 30, "url": 8, "escapes": 8, "entities": 8, "base64": 6, "regrouped": 10},
    "p": {"spaced": 12, "split": 12, "fullwidth": 10, "zero_width": 12, "lookalike": 8, "words": 25, "url": 8, "entities": 6, "base64": 4},
    "s": {"spaced": 10, "split": 10, "fullwidth": 8, "zero_width": 10, "lookalike": 6, "words": 16, "entities": 6, "regrouped": 8},
    "e": {"spaced": 8, "fullwidth": 8, "zero_width": 10, "lookalike": 8, "url": 8, "entities": 8, "escapes": 6, "words": 24, "base64": 4, "caps": 6},
    "b": {"odd_date": 70, "words": 25, "zero_width": 10, "fullwidth": 8, "spaced": 8, "partial_date": 16},
    "x": {"spaced": 8, "fullwidth": 6, "zero_width": 8, "lowercase": 8, "url": 4},
    "d": {"lowercase": 10, "caps": 8, "url": 6, "zero_width": 6, "split": 6},
}


# --- cases -----------------------------------------------------------------------------------------------------------

class Cases:
    def __init__(self, letter, held_out=None):
        """`held_out` is for all that are added; without it every other text is, by its digest."""
        self.letter, self.cases, self.ids, self.held_out = letter, [], set(), held_out

    def add(self, language, cls, how, marked, seen=()):
        """`marked` is text with marks; they become places in the text."""
        text, planted, neutral, last = "", [], [], 0
        for m in re.finditer(r"«(.):((?:(?!»).)*)»", marked, re.S):
            kind, shown = m[1], m[2]
            shown, _, value = shown.partition("≡")
            text += marked[last:m.start()]
            last = m.end()
            start = len(text.encode())
            text += shown
            span = [start, len(text.encode())]
            if kind == "-":
                neutral.append(span)
            else:
                planted.append({"kind": KINDS[kind], "value": value or canonical(kind, shown, language), "start": span[0], "end": span[1]})
        text += marked[last:]
        id = self.letter + hashlib.sha256((how + cls + text).encode()).hexdigest()[:9]
        if id in self.ids:
            return 0
        self.ids.add(id)
        held_out = hashlib.sha256(id.encode()).digest()[0] % 2 == 1 if self.held_out is None else self.held_out
        case = {"id": id, "language": language, "class": cls, "how": how, "held_out": held_out, "text": text}
        if planted:
            case["planted"] = planted
        if neutral:
            case["neutral"] = neutral
        if seen:
            case["seen"] = [{"kind": KINDS[k], "value": v} for k, v in seen]
        self.cases.append(case)
        return len(planted)


def canonical(kind, shown, language):
    if kind in "asp":
        return digits(shown)
    if kind == "e":
        return shown.lower()
    if kind == "b":
        return read_date(shown, language)
    if kind == "d":
        return street_key(shown)
    return shown


def from_hand(cases, name):
    r = random.Random("hand " + name)
    for line in (HERE / "hand" / f"{name}.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        head, _, text = line.partition(" | ")
        language, cls = head.split()
        text, _, seen = text.partition(" ‖ ")
        text = text.translate(STAND_INS)
        if name != "harmless":
            text = re.sub(r"«c:([^»@]*)@(\w+)»", lambda m: (lambda c: f"«c:{m[1]}{c}≡{c}»")(credential(r, m[2])), text)
            if cls == "nfd":
                text = unicodedata.normalize("NFD", text).replace("≢", "≡")
        else:
            text = text.replace("«", "\x01").replace("»", "\x02")
        seen = [tuple(s.split(":", 1)) for s in seen.split("; ")] if seen else []
        cases.add(language, cls, "hand", text, seen)


def fill(r, template, language):
    people = {"": Person(r), "2": Person(r)}

    def one(m):
        what, which = m[1], people[m[2]]
        mark = lambda kind, shown, value="": f"«{kind}:{shown}≡{value}»" if value else f"«{kind}:{shown}»"
        if what == "C":
            c = credential(r, r.choice(FORMS))
            return mark("c", c, c)
        if what == "W":
            c = credential(r, "password")
            return mark("c", c, c)
        return {
            "N": lambda: mark("n", which.full), "G": lambda: mark("n", which.given), "S": lambda: mark("n", which.family),
            "SG": lambda: mark("n", f"{r.choice([which.family, which.family.upper()])}, {which.given}"),
            "A": lambda: mark("a", which.a_number(r)), "P": lambda: mark("p", which.phone_number(r)), "E": lambda: mark("e", which.mail),
            "B": lambda: mark("b", show_date(r, which.born, language), which.born.isoformat()), "BI": lambda: mark("b", which.born.isoformat()),
            "X": lambda: mark("x", which.passport), "Z": lambda: mark("s", which.social(r)), "COUNTRY": lambda: which.country,
            "D": lambda: (lambda s: mark("d", s, street_key(s)))(which.street_es if language == "es" and r.random() < 0.6 else which.street_en),
        }[what]()

    return re.sub(r"\{(COUNTRY|[A-Z]{1,2})(2?)\}", one, template)


def letters():
    cases = Cases("l", held_out=False)
    from_hand(cases, "letters-open")
    cases.held_out = True
    from_hand(cases, "letters-held-out")
    return cases.cases


def everyday():
    cases = Cases("e")
    from_hand(cases, "everyday")
    r = random.Random("everyday 1")
    for language, classes in material.EVERYDAY.items():
        for cls, templates in classes.items():
            for template in templates:
                for _ in range(3 if cls == "family" else 4):
                    cases.add(language, cls, "made", fill(r, template, language))
    for template in material.CREDENTIALS:
        for _ in range(4):
            cases.add("es" if " es " in template else "en", "credential", "made", fill(r, template, "en"))
    return cases.cases


def hard():
    cases = Cases("h")
    from_hand(cases, "hard")
    r = random.Random("hard 1")

    def carry(kind, language, shown, value, how, seen):
        fitting = [c for c in material.CARRIERS[kind] if c[0] == language]
        carrier = r.choice(fitting)[1]
        if how == "caps":
            carrier = carrier.upper()
        if how == "lowercase":
            carrier = carrier[0].lower() + carrier[1:]
        return cases.add(language, how, "made", carrier.replace("{V}", f"«{kind}:{shown}≡{value}»"), seen)

    for how, (count, of_ten) in NAMES.items():
        made = 0
        while made < count:
            person = Person(r)
            if how == "nfd" and plain(person.full) == person.full:
                continue
            shown, value = hard_name(r, person, how)
            seen = [("n", person.full)] if r.randrange(10) < of_ten else []
            made += carry("n", r.choice(["en", "en", "es"]), shown, value, how, seen)
    for kind, hows in NUMBERS.items():
        for how, count in hows.items():
            made = 0
            while made < count:
                person, language = Person(r), r.choice(["en", "en", "es"])
                seen, plain_value = [], None
                if kind in "aps":
                    plain_value = {"a": person.a, "p": person.phone, "s": person.ssn}[kind]
                    prefix = r.choice(["A", "A", ""]) if kind == "a" and how not in ("words",) else ""
                    shown, value = hard_number(r, plain_value, how, language, prefix), plain_value
                    if how == "lookalike" and shown == prefix + value:
                        continue
                elif kind == "e":
                    shown, value = hard_mail(r, person.mail, how, language), person.mail
                    plain_value = person.mail
                elif kind == "b":
                    d, value = person.born, person.born.isoformat()
                    plain_value = value
                    if how == "odd_date":
                        shown = odd_date(r, d, language)
                    elif how == "words":
                        shown = date_in_words(d, language)
                    elif how == "partial_date":
                        shown = f"{d.day} de {MONTHS_ES[d.month - 1]}" if language == "es" else r.choice([f"{MONTHS_EN[d.month - 1]} {d.day}", f"{d.day} {MONTHS_EN[d.month - 1]}"])
                        value = "-" + value[4:]
                    else:
                        usual = show_date(r, d, language)
                        shown = {"zero_width": lambda: insert(r, usual, "\u200b"), "fullwidth": lambda: full_width(usual), "spaced": lambda: " ".join(d.strftime("%d/%m/%Y"))}[how]()
                elif kind == "x":
                    value = plain_value = person.passport
                    shown = {"spaced": lambda: " ".join(value), "fullwidth": lambda: full_width(value), "zero_width": lambda: insert(r, value, "\u200b"),
                             "lowercase": value.lower, "url": lambda: value[:1] + "%20" + value[1:]}[how]()
                else:
                    usual, plain_value = person.street_en, person.street_en
                    value = street_key(usual)
                    shown = {"lowercase": usual.lower, "caps": usual.upper, "url": lambda: quote(usual), "zero_width": lambda: insert(r, usual, "\u200b"), "split": lambda: usual.replace(" ", "\n", 3)}[how]()
                if how == "base64" or r.randrange(10) < 3:
                    seen = [(kind, plain_value)]
                made += carry(kind, language, shown, value, how, seen)
    for form in FORMS:
        for template in r.sample(["{} was in the log", "token: {}", "X-Auth: {}", 'key="{}"', "?access_token={}&page=2", "mi clave es {}", "set-cookie: sid={}"], 2):
            c = credential(r, form)
            cases.add("es" if "clave" in template else "en", "credential", "made", template.format(f"«c:{c}≡{c}»"))
    return cases.cases


def harmless():
    cases = Cases("k")
    from_hand(cases, "harmless")
    r = random.Random("harmless 1")
    for _ in range(18):
        for language, template in material.HARMLESS_SENTENCES:
            def one(m):
                key = m[1]
                if key in material.HARMLESS_WORDS:
                    return r.choice(material.HARMLESS_WORDS[key])
                return {"count": lambda: r.randrange(2, 30), "total": lambda: r.randrange(30, 300), "ms": lambda: r.randrange(100, 999), "hits": lambda: r.randrange(1, 9),
                        "fee": lambda: f"{r.randrange(1, 9)}.{r.randrange(10, 99)}", "copies": lambda: r.randrange(2, 6), "day": lambda: f"{r.randrange(1, 29):02}",
                        "hh": lambda: f"{r.randrange(24):02}", "mm": lambda: f"{r.randrange(60):02}", "ss": lambda: f"{r.randrange(60):02}",
                        "hex5": lambda: "%09x" % r.randrange(16 ** 9), "hex5b": lambda: "%05x" % r.randrange(16 ** 5)}[key]()
            text = re.sub(r"\{([a-z0-9]+)\}", lambda m: str(one(m)), template).replace("«", "\x01").replace("»", "\x02")
            cases.add(language, "made_text", "made", text)
    for case in cases.cases:
        case["text"] = case["text"].replace("\x01", "«").replace("\x02", "»")
    return cases.cases


def clean():
    """What leaves when everything is right: nothing of it may be flagged."""
    r = random.Random("clean 1")
    items = []
    hexes = lambda n: "".join(r.choice("0123456789abcdef") for _ in range(n))
    pseudonym = lambda kind: f"[{kind}:{hexes(10)}]"
    tool = lambda: r.choice(["smart_search", "search_by_name", "search_by_a_number", "bulk_search", "generate_report"])
    outcome = lambda: r.choice(["found", "not_found", "several", "challenged", "rate_limited", "unavailable", "partial"])
    when = lambda: f"2026-11-{r.randrange(1, 29):02}T{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}.{r.randrange(10**6):06}Z"
    base62 = lambda n: "".join(r.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") for _ in range(n))
    nano = lambda: str(1764200000 + r.randrange(10**6)) + f"{r.randrange(10**9):09}"
    epoch = lambda: 1764200000 + r.randrange(10**6)
    uuid = lambda: "-".join(hexes(n) for n in (8, 4, 4, 4, 12))
    text = lambda: r.choice([
        f"where is {pseudonym('name')}, born {pseudonym('date')}", f"mi esposo {pseudonym('name')} está detenido", f"A number {pseudonym('a_number')} and country Honduras",
        "The locator shows nobody who matches.", "upstream returned 503 after 3 attempts", f"contact {pseudonym('email')} or {pseudonym('phone')}",
    ])

    def event():
        return json.dumps({"id": "evt_" + base62(27), "project_id": "proj_" + base62(20), "session_id": "ses_" + base62(27), "event_type": "mcp:tools/call", "resource_name": tool(),
                           "duration": r.randrange(3, 30000), "timestamp": when(), "user_intent": text(), "is_error": r.random() < 0.1, "identify_actor_given_id": "c_" + hexes(12),
                           "parameters": {"first_name": pseudonym("name"), "date_of_birth": pseudonym("date"), "country_of_birth": "Guatemala", "fuzzy": True},
                           "response": {"outcome": outcome(), "matches": r.randrange(9)}, "sdk_language": "rust", "server_version": f"0.{r.randrange(20)}.{r.randrange(9)}",
                           "client_name": r.choice(["claude-ai", "cursor", "vscode"]), "client_version": f"{r.randrange(3)}.{r.randrange(20)}.{r.randrange(200)}"}, ensure_ascii=False)

    def otlp():
        attribute = lambda k, v: {"key": k, "value": v}
        return json.dumps({"resourceSpans": [{"resource": {"attributes": [attribute("service.name", {"stringValue": "icelocator"}), attribute("k8s.pod.uid", {"stringValue": uuid()}),
                           attribute("service.instance.id", {"stringValue": f"icelocator-{hexes(9)}-{hexes(5)}"})]}, "scopeSpans": [{"scope": {"name": "icelocator-server", "version": "0.9.3"}, "spans": [
                               {"traceId": hexes(32), "spanId": hexes(16), "parentSpanId": hexes(16), "name": f"tools/call {tool()}", "kind": 2, "startTimeUnixNano": nano(), "endTimeUnixNano": nano(),
                                "attributes": [attribute("gen_ai.tool.name", {"stringValue": tool()}), attribute("icelocator.outcome", {"stringValue": outcome()}),
                                               attribute("icelocator.lookups", {"intValue": str(r.randrange(9))}), attribute("mcp.session.id", {"stringValue": hexes(32)}),
                                               attribute("http.response.status_code", {"intValue": "200"}), attribute("code.line.number", {"intValue": str(r.randrange(400))})]}]}]}]})

    def sentry():
        event_id = hexes(32)
        body = json.dumps({"event_id": event_id, "timestamp": epoch() + 0.25, "platform": "native", "level": "error", "release": f"icelocator@0.9.{r.randrange(9)}+{hexes(7)}", "environment": "production",
                           "exception": {"values": [{"type": "upstream", "value": r.choice(["page_changed", "connection reset by peer", text()]), "stacktrace": {"frames": [
                               {"function": "icelocator_server::search::plan", "filename": "server/src/search/plan.rs", "lineno": r.randrange(400), "instruction_addr": "0x" + hexes(12)}]}}]},
                           "contexts": {"trace": {"trace_id": hexes(32), "span_id": hexes(16)}, "search": {"outcome": outcome(), "lookups": r.randrange(5), "name": pseudonym("name")}},
                           "breadcrumbs": {"values": [{"timestamp": epoch() + 0.5, "category": "stage", "message": "upstream", "data": {"duration_ms": r.randrange(3000)}}]}}, ensure_ascii=False)
        return json.dumps({"event_id": event_id, "sent_at": when(), "sdk": {"name": "sentry.rust", "version": "0.49.0"}}) + "\n" + json.dumps({"type": "event", "length": len(body.encode())}) + "\n" + body

    def datadog():
        if r.random() < 0.5:
            return json.dumps({"series": [{"metric": r.choice(["icelocator.calls", "icelocator.searches", "icelocator.upstream.wait"]), "type": 1, "interval": 10,
                               "points": [{"timestamp": epoch(), "value": r.randrange(9999) / 7} for _ in range(4)], "tags": ["env:prod", "version:0.9.3", f"tool:{tool()}", f"outcome:{outcome()}"],
                               "resources": [{"name": f"icelocator-{hexes(9)}-{hexes(5)}", "type": "host"}]}]})
        return json.dumps([{"message": "call ended", "service": "icelocator", "ddsource": "rust", "ddtags": "env:prod,version:0.9.3", "status": "info", "timestamp": epoch() * 1000,
                            "dd.trace_id": str(r.randrange(10**19)), "dd.span_id": str(r.randrange(10**19)), "intent": text(), "duration": r.randrange(10**9)}], ensure_ascii=False)

    def prometheus():
        return "\n".join([
            "# HELP mcp_server_operation_duration_seconds Duration of MCP requests as the server sees them", "# TYPE mcp_server_operation_duration_seconds histogram",
            *(f'mcp_server_operation_duration_seconds_bucket{{mcp_method_name="tools/call",gen_ai_tool_name="{tool()}",le="{le}"}} {r.randrange(10**7)}' for le in ("0.01", "0.1", "1", "+Inf")),
            f"mcp_server_operation_duration_seconds_sum {r.random() * 10**5}", f'icelocator_proxy_healthy{{proxy="10.{r.randrange(99)}.{r.randrange(255)}.{r.randrange(255)}:3128"}} 1',
            f"process_start_time_seconds {epoch()}.{r.randrange(100)}", f"process_resident_memory_bytes {r.randrange(10**8, 10**9)}", f'icelocator_build_info{{version="0.9.{r.randrange(9)}"}} 1', ""])

    def log():
        return json.dumps({"timestamp": when(), "level": r.choice(["INFO", "WARN", "ERROR"]), "target": "icelocator_server::observe::log", "fields": {
            "message": r.choice(["call ended", "slowed down", "breaker open", "settings reloaded", "exporter is behind"]), "icelocator.outcome": outcome(), "gen_ai.tool.name": tool(),
            "icelocator.duration": round(r.random() * 9, 6), "icelocator.callers": r.randrange(10**5), "trace_id": hexes(32), "intent": text(), "request_bytes": r.randrange(10**5),
            "config_version": r.randrange(10**9), "listen": "0.0.0.0:8080", "digest": "sha256:" + hexes(64)}}, ensure_ascii=False)

    for n in range(60):
        for name, make in (("event", event), ("otlp", otlp), ("sentry", sentry), ("datadog", datadog), ("prometheus", prometheus), ("log", log)):
            if n < 50 or name in ("event", "log"):
                body = make()
                items.append({"id": "c" + hashlib.sha256(body.encode()).hexdigest()[:9], "form": name, "text": body})
    return items


def line(case):
    """Credentials are invented, yet look real enough for scanners of repositories: their first letter is written escaped."""
    written = json.dumps(case, ensure_ascii=False, separators=(",", ":"))
    written = re.sub(r"[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060\ufeff\u2009\u00a0\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", written)
    for p in case.get("planted", ()):
        if p["kind"] == "credential":
            value = json.dumps(p["value"], ensure_ascii=False)[1:-1]
            written = written.replace(value, f"\\u{ord(value[0]):04x}" + value[1:])
    return written


def main():
    out = {"everyday": everyday(), "hard": hard(), "harmless": harmless(), "letters": letters(), "clean": clean()}
    only_open = "--open" in sys.argv
    folder = Path(sys.argv[sys.argv.index("--open") + 1]) if only_open else HERE
    folder.mkdir(parents=True, exist_ok=True)
    stale = False
    for name, cases in out.items():
        if only_open:
            cases = [c for c in cases if not c.get("held_out")]
        body = "".join(line(c) + "\n" for c in cases)
        path = folder / f"{name}.jsonl"
        if "--check" in sys.argv:
            stale |= not path.exists() or path.read_text() != body
        else:
            path.write_text(body)
        print(f"{name}: {len(cases)} texts, {sum(len(c.get('planted', ())) for c in cases)} planted, {len(' '.join(c['text'] for c in cases).split())} words")
    if stale:
        sys.exit("the corpus is not what make.py writes")


main()
