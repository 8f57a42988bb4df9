#!/usr/bin/env python3
"""Makes people.csv and name-queries.csv anew, always the same. README.md says what they are.

    python3 tests/evaluation/generate.py
"""

import csv
import pathlib
import random

from people import Crowd
from queries import Asker

HERE = pathlib.Path(__file__).parent
SEED = 20261126

PERSON = ["first_name", "last_name", "alien_number", "country_of_birth", "date_of_birth", "status", "facility"]
QUERY = ["language", "kind", "first_name", "middle_name", "last_name", "date_of_birth", "country_of_birth", "alien_number"]


def write(name, columns, rows):
    with open(HERE / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    dice = random.Random(SEED)
    crowd = Crowd(dice)
    write("people.csv", PERSON, [person.row() for person in crowd.people])
    write("name-queries.csv", QUERY, Asker(crowd, dice).queries())


if __name__ == "__main__":
    main()
