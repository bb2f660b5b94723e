/* Draws the pictures of a report from the tables that stand in it. */
"use strict";
(() => {

const PHASES = ["queue", "earlier", "dns", "connect", "tls", "wait", "receive"];
const WORDS = ["queue", "earlier attempts", "DNS", "connect", "TLS", "wait", "receive"];
const LABELLED = 80;   /* with more requests than this, rows are too thin for names */
const THIN_HEIGHT = 640;
const LEFT = 48, RIGHT = 12, AXIS = 20;

const byId = id => document.getElementById(id);
const number = text => parseFloat(text) || 0;
const cells = id => [...byId(id).tBodies[0].rows].map(
	row => [...row.cells].map(cell => cell.textContent));

function node(parent, name, attributes, text) {
	const made = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const key in attributes)
		made.setAttribute(key, attributes[key]);
	if (text !== undefined)
		made.textContent = text;
	parent.append(made);
	return made;
}

function element(parent, name, className, text) {
	const made = document.createElement(name);
	if (className)
		made.className = className;
	if (text !== undefined)
		made.textContent = text;
	parent.append(made);
	return made;
}

/* ---- numbers ---- */

const short = value => String(+value.toPrecision(3));

function showTime(ms) {
	if (ms < 1)
		return ms ? short(ms * 1000) + " µs" : "0";
	if (ms < 1000)
		return short(ms) + " ms";
	if (ms < 120000)
		return short(ms / 1000) + " s";
	return ms < 7200000 ? short(ms / 60000) + " min" : short(ms / 3600000) + " h";
}

function showCount(value) {
	return value >= 10 ? Math.round(value).toLocaleString("en") : String(+value.toFixed(1));
}

/* Of a mean of whole things, whose parts are partly a matter of two clocks. */
const showFew = value => value >= 3 ? Math.round(value).toLocaleString("en") : showCount(value);

function showBytes(value) {
	for (const unit of ["B", "kB", "MB", "GB"]) {
		if (value < 999.5)
			return short(value) + " " + unit;
		value /= 1000;
	}
	return short(value) + " TB";
}

/* Round numbers from 0 or above to max, at most so many. */
function ticks(min, max, most) {
	const rough = (max - min) / most || 1, power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].map(n => n * power).find(n => n >= rough * 0.999);
	const found = [];
	for (let i = Math.ceil(min / step - 1e-9); i * step <= max * (1 + 1e-9); i++)
		found.push(i * step);
	return found;
}

/* 1, 2, 5, 10, ... from min to max. */
function logTicks(min, max) {
	const found = [];
	for (let power = 10 ** Math.floor(Math.log10(min)); power <= max; power *= 10)
		found.push(power, 2 * power, 5 * power);
	return found.filter(tick => tick >= min && tick <= max);
}

/* ---- drawing ---- */

function newPicture(figure, height, label) {
	const old = figure.querySelector("svg"), width = figure.clientWidth;
	const made = node(figure, "svg", {
		viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label,
	});
	if (old)
		old.replaceWith(made);
	return made;
}

/* A line and a word at each tick of the x axis; none where words would touch. */
function drawAxis(svg, marks, place, show, top, bottom) {
	let free = 0;
	const width = svg.viewBox.baseVal.width;
	for (const mark of marks) {
		const x = Math.round(place(mark)) + 0.5, word = show(mark), half = word.length * 3.2;
		node(svg, "path", {class: "grid", d: `M${x} ${top}V${bottom}`});
		if (x - half < free && x > LEFT)
			continue;
		const anchor = x + half > width ? "end" : x < half ? "start" : "middle";
		node(svg, "text", {x: Math.min(x, width), y: bottom + 14, "text-anchor": anchor}, word);
		free = x + half + 8;
	}
}

/* Follows the pointer, a finger or the arrow keys; choose(i) shows one of count. */
function makeReadable(svg, count, indexAt, choose) {
	let chosen = -1;
	const go = i => choose(chosen = Math.max(0, Math.min(count() - 1, i)));
	const point = event => {
		const box = svg.getBoundingClientRect();
		const scale = svg.viewBox.baseVal.width / box.width;
		go(indexAt((event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
	};
	svg.setAttribute("tabindex", 0);
	svg.addEventListener("pointermove", point);
	svg.addEventListener("pointerdown", point);
	svg.addEventListener("keydown", event => {
		const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[event.key];
		if (!step || !count())
			return;
		event.preventDefault();
		go(chosen + step);
	});
}

/*
 * A chart with its title. bars: {from, to, value, bad} in rising order; scale places a value of x.
 * show: what to say of a bar; it stands beside the title.
 */
function drawChart(figure, title, bars, how) {
	const {place, marks, showX, showY, show, isArea, after, top = 8} = how;
	const height = 150, bottom = height - AXIS;
	const most = Math.max(...bars.map(b => b.value)) || 1;
	const y = value => bottom - value / most * (bottom - top);
	const label = figure.querySelector("figcaption") || element(figure, "figcaption");
	label.textContent = "";
	element(label, "b", "", title + " ");
	const words = element(label, "span", "", `at most ${showY(most)}`);
	const svg = newPicture(figure, height, `${title}: at most ${showY(most)}`);
	for (const tick of ticks(0, most, 3)) {
		const at = Math.round(y(tick)) + 0.5, end = svg.viewBox.baseVal.width - RIGHT;
		node(svg, "path", {class: "grid", d: `M${LEFT} ${at}H${end}`});
		node(svg, "text", {x: LEFT - 6, y: at + 4, "text-anchor": "end"}, showY(tick));
	}
	drawAxis(svg, marks, place, showX, top, bottom);
	let d = "", bad = "";
	for (const bar of bars) {
		const x = place(bar.from), wide = place(bar.to) - x, gap = wide > 4 ? 1 : 0;
		if (isArea)
			d += `${d ? "V" : `M${x} ${bottom}V`}${y(bar.value)}H${x + wide}`;
		else if (bar.value)
			d += `M${x} ${bottom}V${y(bar.value)}h${wide - gap}V${bottom}z`;
		if (bar.bad)
			bad += `M${x} ${bottom}V${y(bar.bad)}h${wide - gap}V${bottom}z`;
	}
	node(svg, "path", {class: isArea ? "area" : "bar", d: isArea ? `${d}V${bottom}z` : d});
	node(svg, "path", {class: "bad", d: bad});
	if (after)
		after(svg, top, bottom);
	const cursor = node(svg, "path", {class: "cursor", d: ""});
	const indexAt = x => bars.filter(b => place(b.from) <= x).length - 1;
	makeReadable(svg, () => bars.length, indexAt, i => {
		const middle = (place(bars[i].from) + place(bars[i].to)) / 2;
		cursor.setAttribute("d", `M${Math.round(middle) + 0.5} ${top}V${bottom}`);
		words.textContent = show(bars[i]);
	});
}

/* ---- requests ---- */

const requests = cells("requests").map(c => {
	const spans = c.slice(7).map(number), begin = number(c[6]);
	const length = spans.reduce((sum, span) => sum + span, 0);
	return {
		index: c[0], url: c[1], status: +c[2] ? c[2] : "",
		failure: c[3] === "-" ? "" : c[3], bytes: number(c[5]), begin, spans, length,
		end: begin + length,
	};
});

/* What names of requests need not repeat: all up to the path if there is only one host. */
const commonLength = (() => {
	const origin = /^\w+:\/\/[^/?#]*/;
	const origins = new Set(requests.map(r => (r.url.match(origin) || [""])[0]));
	return origins.size === 1 ? [...origins][0].length : 0;
})();

function nameOf(request, room) {
	const name = request.url.slice(commonLength).replace(/^https?:\/\//, "") || "/";
	const most = Math.max(4, Math.floor(room / 6.7));
	return name.length <= most ? name : name.slice(0, most - 1) + "…";
}

function tell(request) {
	const parts = request.spans.map((span, i) => span ? `${WORDS[i]} ${showTime(span)}` : "")
		.filter(Boolean).join(", ");
	const outcome = [request.status, request.failure, showBytes(request.bytes)]
		.filter(Boolean).join(", ");
	return `#${request.index}  ${request.url}: ${outcome}; at ` +
		`${showTime(request.begin)} for ${showTime(request.length)}: ${parts}`;
}

/* A rectangle in a path. */
function box(x, y, wide, high) {
	const [a, b, c, d] = [x, y, wide, high].map(n => n.toFixed(2));
	return `M${a} ${b}h${c}v${d}h-${c}z`;
}

function drawWaterfall() {
	const figure = byId("waterfall"), onlyFailed = byId("failed").checked;
	const shown = requests.filter(r => r.failure || !onlyFailed);
	if (byId("order").value === "long")
		shown.sort((a, b) => b.length - a.length);
	const width = figure.clientWidth, isWide = width >= 640;
	const isLabelled = shown.length <= LABELLED;
	const left = isLabelled && isWide ? Math.min(320, width * 0.32) : 0;
	const right = isLabelled ? 64 : 6;
	const row = !isLabelled ? THIN_HEIGHT / shown.length : isWide ? 20 : 32;
	const bar = !isLabelled ? row : 11, drop = isWide ? 4 : 17;
	const last = Math.max(...requests.map(r => r.end)) || 1;
	const bottom = row * shown.length + 4;
	const place = ms => left + ms / last * (width - left - right);
	const svg = newPicture(figure, bottom + AXIS,
		`${shown.length} requests over ${showTime(last)}, a row for each`);
	const paths = PHASES.map(() => "");
	let bad = "";

	drawAxis(svg, ticks(0, last, (width - left) / 90), place, showTime, 0, bottom);
	shown.forEach((request, i) => {
		const y = i * row + (isLabelled ? drop : 0);
		let at = request.begin;
		request.spans.forEach((span, phase) => {
			const wide = Math.max(place(at + span) - place(at), 0.6);
			if (span)
				paths[phase] += box(place(at), y, wide, bar);
			at += span;
		});
		if (!isLabelled && request.failure)
			bad += box(place(at) + 1, y, 4, Math.max(row, 1.5));
		if (!isLabelled)
			return;
		node(svg, "text", {class: "name", x: 3, y: isWide ? y + 9 : y - 5},
			nameOf(request, isWide ? left - 12 : width));
		const mark = {class: request.failure ? "bad" : "", x: place(at) + 5, y: y + 9};
		node(svg, "text", mark, request.failure
			? "✕ " + (request.status || request.failure) : request.status);
	});
	paths.forEach((d, phase) => node(svg, "path", {class: PHASES[phase], d}));
	node(svg, "path", {class: "bad", d: bad});
	const cursor = node(svg, "path", {class: "cursor", d: ""});
	const words = figure.querySelector(".readout");
	figure.append(words);
	makeReadable(svg, () => shown.length, (x, y) => Math.floor(y / row), i => {
		const y = i * row, high = Math.max(row, 3);
		cursor.setAttribute("d", `M0.5 ${y}H${width - 0.5}V${y + high}H0.5z`);
		words.textContent = tell(shown[i]);
	});
}

/* ---- over time ---- */

const spans = cells("series").map(c => ({
	from: number(c[0]), flight: number(c[1]), ended: number(c[2]), bad: number(c[3]),
	bytes: number(c[4]),
}));
const spanLength = spans.length > 1 ? spans[1].from : 0.1;

/*
 * Spans joined, so that bars are not a matter of chance: about 8 requests in each, 12 to 120 bars.
 */
function joinSpans() {
	const total = spans.reduce((sum, span) => sum + span.ended, 0);
	const wanted = Math.max(12, Math.min(120, total / 8));
	const times = Math.ceil(spans.length / wanted);
	const joined = [];
	for (let i = 0; i < spans.length; i += times) {
		const part = spans.slice(i, i + times);
		const sum = key => part.reduce((all, span) => all + span[key], 0);
		joined.push({
			from: part[0].from, to: part[0].from + times * spanLength, ended: sum("ended"),
			bad: sum("bad"), bytes: sum("bytes"),
		});
	}
	return joined;
}

function drawSeries() {
	const figure = byId("flight"), width = figure.clientWidth;
	const joined = joinSpans(), seconds = (joined[0].to - joined[0].from) / 1000;
	const last = joined[joined.length - 1].to;
	const place = ms => LEFT + ms / last * (width - LEFT - RIGHT);
	const common = {place, marks: ticks(0, last, width / 90), showX: showTime};
	const at = bar => `from ${showTime(bar.from)} to ${showTime(bar.to)}: `;
	drawChart(figure, "In flight", spans.map(s => ({
		from: s.from, to: s.from + spanLength, value: s.flight,
	})), {...common, showY: showFew, isArea: true, show: b => at(b) + showFew(b.value)});
	drawChart(byId("rate"), "Requests that ended, a second", joined.map(j => ({
		...j, value: j.ended / seconds, bad: j.bad / seconds, count: j.ended, failed: j.bad,
	})), {
		...common, showY: showCount,
		show: b => `${at(b)}${showCount(b.value)}/s, ${b.count} requests, ${b.failed} failed`,
	});
	drawChart(byId("bytes"), "Bytes, a second", joined.map(j => ({
		from: j.from, to: j.to, value: j.bytes / seconds,
	})), {...common, showY: showBytes, show: b => at(b) + showBytes(b.value) + "/s"});
}

/* ---- latency ---- */

function drawLatency() {
	const figure = byId("latency"), width = figure.clientWidth;
	const bars = cells("distribution").map(c => ({
		from: number(c[0]), to: number(c[1]), value: number(c[2]),
	}));
	const percentiles = cells("percentiles")[0].map(number);
	const first = bars[0].from, last = bars[bars.length - 1].to;
	const isLog = first > 0 && last / first > 6, scale = isLog ? Math.log : v => v;
	const unit = (width - LEFT - RIGHT) / (scale(last) - scale(first));
	const place = ms => LEFT + (scale(Math.max(ms, first)) - scale(first)) * unit;
	drawChart(figure, "Requests by time", bars, {
		place, marks: isLog ? logTicks(first, last) : ticks(first, last, width / 110),
		showX: showTime, showY: showCount, top: 46,
		show: b => `${showTime(b.from)} to ${showTime(b.to)}: ${showCount(b.value)}`,
		after: (svg, top, bottom) => ["p50", "p90", "p99"].forEach((name, i) => {
			const x = Math.round(place(percentiles[i + 1])) + 0.5;
			const isRight = x > width * 0.75;
			node(svg, "path", {class: "mark", d: `M${x} ${6 + 14 * i}V${bottom}`});
			node(svg, "text", {
				class: "marked", x: x + (isRight ? -5 : 5), y: 14 + 14 * i,
				"text-anchor": isRight ? "end" : "start",
			}, `${name} ${showTime(percentiles[i + 1])}`);
		}),
	});
}

/* ---- tables and theme ---- */

function sortBy(table, column, isUp) {
	const key = row => row.cells[column].textContent, body = table.tBodies[0];
	const isText = table.tHead.rows[0].cells[column].classList.contains("text");
	const compare = isText ? (a, b) => key(a).localeCompare(key(b))
		: (a, b) => number(key(a)) - number(key(b));
	body.append(...[...body.rows].sort((a, b) => isUp ? compare(a, b) : compare(b, a)));
	[...table.tHead.rows[0].cells].forEach((head, i) => {
		if (i === column)
			head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
		else
			head.removeAttribute("aria-sort");
	});
}

for (const table of document.querySelectorAll(".sortable")) {
	[...table.tHead.rows[0].cells].forEach((head, column) => {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...head.childNodes);
		head.append(button);
		button.addEventListener("click", () => {
			const was = head.getAttribute("aria-sort");
			sortBy(table, column, was ? was === "descending" : head.matches(".text"));
		});
	});
}

const theme = byId("theme"), prefersDark = matchMedia("(prefers-color-scheme: dark)");
const chosen = document.documentElement.dataset;
const isDark = () => chosen.theme ? chosen.theme === "dark" : prefersDark.matches;
const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
theme.hidden = false;
theme.addEventListener("click", () => {
	chosen.theme = isDark() ? "light" : "dark";
	nameTheme();
});
prefersDark.addEventListener("change", nameTheme);
nameTheme();

/* ---- the page ---- */

const pictures = [
	[["waterfall"], drawWaterfall, requests.length],
	[["flight", "rate", "bytes"], drawSeries, spans.length],
	[["latency"], drawLatency, cells("distribution").length],
].filter(picture => picture[2]);

for (const [ids] of pictures)
	ids.forEach(id => { byId(id).hidden = false; });
PHASES.forEach((phase, i) => {
	const item = document.querySelector(`.legend .${phase}`);
	item.hidden = !requests.some(r => r.spans[i]);
});
document.querySelector(".legend .bad").hidden = !requests.some(r => r.failure);
byId("failed").parentElement.hidden = !requests.some(r => r.failure);
byId("order").addEventListener("change", drawWaterfall);
byId("failed").addEventListener("change", drawWaterfall);

let drawnWidth = 0;
function draw() {
	const width = document.querySelector("main").clientWidth;
	if (width === drawnWidth)
		return;
	drawnWidth = width;
	pictures.forEach(picture => picture[1]());
}
addEventListener("resize", draw);
draw();

})();
