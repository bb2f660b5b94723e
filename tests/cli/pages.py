"""
The pages of --report: taken apart as HTML, and opened in a browser (Chromium, without a window).

    Page(path)                            its tables, terms, texts and attributes
    browse(path, folder)                  what becomes of it in a browser that does not complain
    drive(path, folder, width, look)      the same, used: what the script look has put into seen
    check_picture(path, folder, theme)    what one sees of it

folder is for the browser: it is in nobody else's use. Its pictures stay there, to be looked at.
"""

import html
import html.parser
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import zlib

import pytest

from harness import PATIENCE

VOID = {"meta", "input", "br", "link", "img"}


class Page(html.parser.HTMLParser):
    """The elements of a page: all are closed in their order."""

    def __init__(self, path):
        super().__init__()
        with open(path, encoding="utf-8") as file:
            self.source = file.read()
        self.open, self.tags, self.attributes, self.tables = [], [], [], {}
        self.text, self.row, self.meta, self.terms = "", None, {}, {}
        self.feed(self.source)
        self.close()
        self.terms = {term: text.strip() for term, text in self.terms.items()}
        assert self.open == [] and self.source.startswith("<!DOCTYPE html>\n")

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "meta":
            self.meta[dict(attrs).get("http-equiv") or dict(attrs).get("name")] = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.table = self.tables.setdefault(dict(attrs).get("id", f"#{len(self.tables)}"), [])
        elif tag == "tr":
            self.row = []
            self.table.append(self.row)
        elif tag in ("td", "th"):
            self.row.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.row[-1] += data
        elif "script" not in self.open and "style" not in self.open:
            self.text += data
            if self.open and self.open[-1] == "dt":
                self.term = data
            elif "dd" in self.open:
                self.terms[self.term] = self.terms.get(self.term, "") + data

    def rows(self, table):
        """Of a table, as dicts by the words of its head."""
        head, *rows = self.tables[table]
        assert all(len(row) == len(head) for row in rows)
        return [dict(zip(head, row)) for row in rows]

    def requests(self):
        return {int(row["#"]): row for row in self.rows("requests")}


def number(text):
    return float(text or 0)


CHROMIUM = shutil.which("chromium")
with_browser = pytest.mark.skipif(not CHROMIUM, reason="no chromium here")

# Its sandbox wants what root and containers do not have; /dev/shm may be small there. It shall not
# look for news, or at the settings of who runs the tests.
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--disable-breakpad", "--no-first-run", "--password-store=basic", "--hide-scrollbars",
           "--enable-logging=stderr", "--virtual-time-budget=5000"]


def chromium(page, folder, *options):
    """Opens a page, and returns what is on standard output. Nothing of it outlives this."""
    home = folder / "browser"
    home.mkdir(exist_ok=True)
    with open(home / "out", "w+b") as out, open(home / "err", "w+b") as err:
        # Files, since a process that it leaves behind would keep a pipe open.
        process = subprocess.Popen(
            [CHROMIUM, *OPTIONS, f"--user-data-dir={home}/data", *options, page.as_uri()],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
            env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home)})
        try:
            code = process.wait(timeout=4 * PATIENCE)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        out.seek(0)
        err.seek(0)
        said = err.read().decode(errors="replace")
        assert code == 0, said
        assert "CONSOLE" not in said, said
        return out.read().decode()


def browse(page, folder, width=1280):
    """The document as it is after its scripts."""
    return chromium(page, folder, f"--window-size={width},900", "--dump-dom")


DRIVER = """
const errors = [];
addEventListener("error", e => errors.push(String(e.message)));
addEventListener("securitypolicyviolation", e => errors.push(e.violatedDirective));
addEventListener("load", () => setTimeout(() => {
	const all = query => [...document.querySelectorAll(query)];
	const press = (query, ...keys) => keys.forEach(key => document.querySelector(query)
		.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})));
	const sortBy = (table, column) => {
		all(`#${table} thead button`)[column].click();
		return all(`#${table} tbody tr`)[0].cells[0].textContent;
	};
	const color = () => getComputedStyle(document.body).backgroundColor;
	const shapes = figure => figure.querySelectorAll("svg path, svg circle").length;
	const seen = {drawn: all("figure").filter(f => f.clientWidth).map(f => [f.id, shapes(f)])};
	LOOK
	for (const svg of all("svg")) {
		const box = svg.getBoundingClientRect();
		svg.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", bubbles: true}));
		for (const part of [0, 0.5, 1]) {
			const at = {clientX: box.x + part * box.width, clientY: box.y + part * box.height};
			svg.dispatchEvent(new PointerEvent("pointermove", at));
		}
	}
	for (const button of all("thead button"))
		button.click();
	for (const details of all("details"))
		details.open = true;
	seen.colors = [color()];
	for (let i = 0; i < 2; i++) {
		document.getElementById("theme").click();
		seen.colors.push(color());
	}
	seen.text = document.body.innerText;
	seen.attributes = all("svg *").flatMap(e => [...e.attributes].map(a => a.value)).join(" ");
	seen.overflow = document.documentElement.scrollWidth - innerWidth;
	seen.errors = errors;
	const told = document.createElement("pre");
	told.id = "told";
	told.textContent = JSON.stringify(seen);
	document.body.append(told);
}, 100));
"""


def drive(page, folder, width, look):
    """
    Uses all there is to use of a page, after the script look did: it has all(query),
    press(query, key, ...), sortBy(table, column), which returns the first cell then, and seen,
    which is returned. What holds for every page is checked.
    """
    source = page.read_text()
    nonce = re.search(r'<style nonce="(\w+)"', source)[1]
    driven = folder / "driven.html"
    script = f'<script nonce="{nonce}">{DRIVER.replace("LOOK", look)}</script>'
    driven.write_text(source.replace("<title>", script + "<title>"))
    told = re.search(r'<pre id="told">(.*?)</pre>', browse(driven, folder, width), re.S)
    seen = json.loads(html.unescape(told[1]))
    assert seen["errors"] == [] and seen["overflow"] <= 0
    assert seen["colors"][0] == seen["colors"][2] != seen["colors"][1]
    for text in (seen["text"], seen["attributes"]):
        assert not re.search(r"NaN|Infinity|undefined|\[object", text), text
    return seen


def check_picture(page, folder, theme, width=1280):
    """Takes a picture: its background is that of the theme, and there is something to see."""
    shot = folder / f"{theme}.png"
    chromium(page, folder, f"--window-size={width},2000", f"--screenshot={shot}",
             f"--blink-settings=preferredColorScheme={['dark', 'light'].index(theme)}")
    data = shot.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (width, 2000)
    # The first pixel is stored as it is, whatever the filter of its row.
    corner = zlib.decompressobj().decompress(data[data.index(b"IDAT") + 4:], 4)[1:]
    assert corner.hex() == {"dark": "14171b", "light": "ffffff"}[theme]
    assert len(data) > 20000  # one of nothing has a few thousand bytes
