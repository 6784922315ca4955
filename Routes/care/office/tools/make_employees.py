#!/usr/bin/env python3
"""Makes an employee file as a personnel system would export it, some of its rows wrong. The same seed, the same file.

usage: make_employees.py [--rows N] [--seed N] [--expect FILE] OUTPUT.csv

The file gets its name when it is complete. --expect writes, as JSON, what is right and what is wrong with it:
{"rows": …, "good": […numbers…], "refused": [{"line": …, "field": …, "by": "layout"|"api"}]}.
"""

import argparse
import csv
import datetime
import io
import json
import os
import random

COLUMNS = ["employee_number", "last_name", "first_name", "birth_date", "hired_on", "branch", "role", "weekly_hours",
           "email", "phone", "note"]
FIRST = """Anna Ben Carla David Elif Femke Gerd Hanna Ivan Jana Karim Lea Malik Nora Ole Paula Quirin Rosa Samir Tessa
Udo Vera Wim Xenia Yusuf Zoë Amélie Björn Chloé Dörte""".split()
LAST = """Acker Berg Conrad Dietz Engel Fischer Gruber Hahn Ibsen Jung Kaya Lorenz Möller Nowak Öztürk Petersen Quandt
Richter Sørensen Tran Ullrich Vogel Weiß Yilmaz Ziegler O'Brien García Dubois van_Dijk Müller-Lüdenscheidt""".split()
BRANCHES = ["north", "south", "east", "west", "harbour"]
ROLES = ["nurse", "nurse", "nurse", "care assistant", "care assistant", "physiotherapist", "coordinator", "driver"]
NOTES = ["", "", "", "", "", "", "nights only", "no car, bicycle", 'prefers "Jo"', "first aid,\nrenewed in spring"]
UNAVAILABLE_EVERY = 500
"""The API of the demonstration answers 503 to the first try of such numbers: they are never doubled."""

FAULTS = ["no last name", "no branch", "date that is none", "date in words", "hours in words", "cut row", "long row",
          "two at once", "taken number", "taken number", "unknown branch"]


def employee(number, random):
    first, last = random.choice(FIRST), random.choice(LAST).replace("_", " ")
    born = datetime.date(1960, 1, 1) + datetime.timedelta(days=random.randrange(16_000))
    hired = datetime.date(2005, 1, 1) + datetime.timedelta(days=random.randrange(7_000))
    return [str(number), last, first, born.isoformat(), hired.isoformat(), random.choice(BRANCHES),
            random.choice(ROLES), f"{random.choice([10, 19.5, 20, 30, 35, 38.5, 40]):.2f}",
            f"e{number}@care.example", f"+49 30 {random.randrange(10**6, 10**7)}", random.choice(NOTES)]


def spoil(row, fault, good, random):
    """Makes the row wrong; answers the fields at fault and who refuses them."""
    place = COLUMNS.index
    if fault == "no last name":
        row[place("last_name")] = ""
        return ["last_name"], "layout"
    if fault == "no branch":
        row[place("branch")] = ""
        return ["branch"], "layout"
    if fault == "date that is none":
        row[place("hired_on")] = "2021-02-30"
        return ["hired_on"], "layout"
    if fault == "date in words":
        row[place("birth_date")] = "May 1980"
        return ["birth_date"], "layout"
    if fault == "hours in words":
        row[place("weekly_hours")] = "full time"
        return ["weekly_hours"], "layout"
    if fault == "cut row":
        del row[7:]
        return [""], "layout"
    if fault == "long row":
        row.append("one too many")
        return [""], "layout"
    if fault == "two at once":
        row[place("first_name")] = ""
        row[place("weekly_hours")] = "half"
        return ["first_name", "weekly_hours"], "layout"
    if fault == "taken number":
        row[place("employee_number")] = random.choice(good[: len(good) // 2])
        return ["employee_number"], "api"
    row[place("branch")] = "moon"
    return ["branch"], "api"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--wrong", type=float, default=0.02, help="the share of wrong rows, 0 to 1")
    parser.add_argument("--expect", help="where to write what is wrong with the file")
    parser.add_argument("output")
    options = parser.parse_args()

    source = random.Random(options.seed)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    line, good, may_double, refused = 2, [], [], []
    for index in range(options.rows):
        number = 10_001 + index
        row = employee(number, source)
        if source.random() < options.wrong and len(may_double) > 400 or index == options.rows - 1 and options.wrong:
            fields, by = spoil(row, source.choice(FAULTS), may_double, source)
            refused += [{"line": line, "field": field, "by": by} for field in fields]
        else:
            good.append(row[0])
            if number % UNAVAILABLE_EVERY:
                may_double.append(row[0])
        before = text.tell()
        writer.writerow(row)
        text.seek(before)
        line += text.read().count("\n")

    os.makedirs(os.path.dirname(os.path.abspath(options.output)), exist_ok=True)
    unfinished = options.output + ".part"
    with open(unfinished, "w", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    os.rename(unfinished, options.output)
    if options.expect:
        with open(options.expect, "w", encoding="utf-8") as file:
            json.dump({"rows": options.rows, "good": good, "refused": refused}, file)


if __name__ == "__main__":
    main()
