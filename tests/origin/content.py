"""Pages, items and counts that are made up, and always the same."""

import functools
import html
import random
import re
import zlib

HTML = b"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>A page</title></head>
<body><h1>A page</h1><p>It has <a href="/json/a?x=1">a link</a>.</p></body></html>
"""

# One character each: invalid as UTF-8, ESC (colours a terminal), BEL, quotes, backslash.
NASTY_HEADER = 'caf\xe9 "quoted" \x1b[31mred\x07 back\\slash'
NASTY = b'caf\xe9 "quoted"\t\x1b[31mred\x07\x00 \xff\xfe back\\slash\r\n'

WORDS = """the of a in and council treaty election river bridge engine theatre railway observatory
expedition harbour parliament museum orchestra signal printing press festival senate archive comet
telescope library opens closes signs founds discovers completes first second great northern southern
eastern western national royal public new old""".split()
MONTHS = """January February March April May June July August September October November
December""".split()


def home(host, listing):
    """A home page of any host."""
    rows = "".join(f"<tr><td><code>{html.escape(route)}</code><td>{html.escape(what)}\n"
                   for route, what in listing)
    return (f"<!DOCTYPE html>\n<title>{html.escape(host)}</title>\n"
            f"<h1>{html.escape(host)}</h1>\n<p>The practice origin.\n<table>\n{rows}</table>\n"
            ).encode("utf-8", "replace")


def year_of(name):
    """1990 for 1990 and for 1990_in_music; None if it is no year."""
    match = re.fullmatch(r"(\d{1,4})(_in_\w+)?", name, re.ASCII)
    return int(match[1]) if match else None


def wiki_latency(year):
    """60 to 200 ms. 37 has no factor in common with 141, so neighbours differ and all occur."""
    return (60 + year * 37 % 141) / 1000


@functools.lru_cache(1024)
def wiki(name, year):
    """The page of a year, 20 to 80 kB."""
    chance = random.Random(name)
    size = 20_000 + zlib.crc32(name.encode()) % 60_000
    title = html.escape(name.replace("_", " "))
    page = [f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'</head>\n<body><h1>{title}</h1>\n<p><a href="/wiki/{year - 1}">{year - 1}</a> '
            f'<a href="/wiki/{year + 1}">{year + 1}</a></p>\n<ul>\n']
    length = len(page[0])
    while length < size - 200:
        words = " ".join(chance.choices(WORDS, k=12))
        line = f"<li>{chance.choice(MONTHS)} {chance.randint(1, 28)}: {words}.</li>\n"
        page.append(line)
        length += len(line)
    page.append("</ul></body></html>\n")
    return "".join(page).encode()


@functools.lru_cache(1024)
def country(name, kind):
    """A hundred days of counts that never fall, in the shape of the covid19api."""
    chance = random.Random(f"{name}/{kind}")
    total, days = 0, []
    for day in range(100):
        total += int(chance.random() * 1.05 ** day * 10)
        month, date = divmod(day, 25)
        days.append({"Country": name.replace("-", " ").title(), "CountryCode": name[:2].upper(),
                     "Province": "", "City": "", "CityCode": "", "Lat": "0", "Lon": "0",
                     "Cases": total, "Status": kind,
                     "Date": f"2020-{month + 1:02}-{date + 1:02}T00:00:00Z"})
    return days


STORY = 8863
# How many kids an item may have, by its level: six levels below the story, about 500 in all.
FAMILY = [(30, 30), (0, 5), (0, 3), (0, 2), (0, 2), (0, 1)]


def stories():
    """The ids of the stories there are."""
    return [number for number, item in items().items() if item["type"] == "story"]


@functools.lru_cache(1)
def items():
    """Item by id: story 8863 with its tree of comments, and three stories without."""
    chance = random.Random(STORY)
    made = {STORY: {"by": "dhouston", "id": STORY, "score": 104, "time": 1175714200,
                    "title": "My YC app: Dropbox - Throw away your USB drive", "type": "story",
                    "url": "http://www.getdropbox.com/u/2/screencast.html"}}
    level, number = [STORY], STORY
    for fewest, most in FAMILY:
        next_level = []
        for parent in level:
            kids = []
            for _ in range(chance.randint(fewest, most)):
                number += 1
                kids.append(number)
                made[number] = {
                    "by": chance.choice(WORDS) + str(number % 97), "id": number, "parent": parent,
                    "text": "<p>" + " ".join(chance.choices(WORDS, k=chance.randint(5, 60))),
                    "time": 1175714200 + (number - STORY) * 60, "type": "comment"}
            if kids:
                made[parent]["kids"] = kids
            next_level += kids
        level = next_level
    made[STORY]["descendants"] = number - STORY
    for extra in range(1, 4):
        made[STORY - extra] = {"by": "pg", "id": STORY - extra, "score": extra, "descendants": 0,
                               "time": 1175714200 - extra, "title": f"Story {extra}",
                               "type": "story", "url": "/html"}
    return made
