/* The pictures of a run, from its tables. */

const PHASES = ["queue", "earlier", "dns", "connect", "tls", "wait", "receive"];
const WORDS = ["queue", "earlier attempts", "DNS", "connect", "TLS", "wait", "receive"];
const LABELLED = 80;   /* with more requests than this, rows are too thin for names */
const THIN_HEIGHT = 640;
const MOST_STEPS = 240; /* of the line of those in flight */

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
	const last = viewEnd();
	const bottom = row * shown.length + 4;
	const place = ms => left + Math.min(ms / last, 1) * (width - left - right);
	const svg = newPicture(figure, bottom + AXIS,
		`${shown.length} requests over ${showTime(last)}, a row for each`);
	const isCut = request => request.end > last * (1 + 1e-9);
	const paths = PHASES.map(() => "");
	let bad = "";

	drawAxis(svg, ticks(0, last, (width - left) / 90), place, showTime, 0, bottom);
	shown.forEach((request, i) => {
		const y = i * row + (isLabelled ? drop : 0);
		let at = request.begin;
		request.spans.forEach((span, phase) => {
			const wide = Math.max(place(at + span) - place(at), 0.6);
			if (span && at < last)
				paths[phase] += box(place(at), y, wide, bar);
			at += span;
		});
		if (!isLabelled && request.failure && !isCut(request))
			bad += box(place(at) + 1, y, 4, Math.max(row, 1.5));
		if (!isLabelled)
			return;
		node(svg, "text", {class: "name", x: 3, y: isWide ? y + 9 : y - 5},
			nameOf(request, isWide ? left - 12 : width));
		const mark = {class: request.failure ? "bad" : "", x: place(at) + 5, y: y + 9};
		node(svg, "text", mark, (isCut(request) ? "› " : "") + (request.failure
			? "✕ " + (request.status || request.failure) : request.status));
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

/* Where the pictures over time end. */
const viewEnd = () => number(byId("view").value) || 1;

const spans = cells("series").map(c => ({
	from: number(c[0]), flight: number(c[1]), ended: number(c[2]), bad: number(c[3]),
	bytes: number(c[4]),
}));
const spanLength = spans.length > 1 ? spans[1].from : 0.1;

/* Spans joined, to at most so many. */
function joinSpans(shown, wanted) {
	const times = Math.ceil(shown.length / wanted);
	const joined = [];
	for (let i = 0; i < shown.length; i += times) {
		const part = shown.slice(i, i + times);
		const sum = key => part.reduce((all, span) => all + span[key], 0);
		joined.push({
			from: part[0].from, to: part[0].from + times * spanLength,
			flight: sum("flight") / part.length, ended: sum("ended"), bad: sum("bad"),
			bytes: sum("bytes"),
		});
	}
	return joined;
}

function drawSeries() {
	const figure = byId("flight"), width = figure.clientWidth;
	const shown = spans.filter(span => span.from < viewEnd());
	const total = shown.reduce((sum, span) => sum + span.ended, 0);
	/* Bars are not a matter of chance with about 8 requests in each. */
	const joined = joinSpans(shown, Math.max(12, Math.min(120, total / 8)));
	const seconds = (joined[0].to - joined[0].from) / 1000;
	const last = joined[joined.length - 1].to;
	const place = ms => LEFT + ms / last * (width - LEFT - RIGHT);
	const common = {place, marks: ticks(0, last, width / 90), showX: showTime};
	const at = bar => `from ${showTime(bar.from)} to ${showTime(bar.to)}: `;
	drawChart(figure, "In flight", joinSpans(shown, MOST_STEPS).map(s => ({
		from: s.from, to: Math.min(s.to, last), value: s.flight,
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
	const figure = byId("latency");
	const bars = cells("distribution").map(c => ({
		from: number(c[0]), to: number(c[1]), value: number(c[2]),
	}));
	drawChart(figure, "Requests by time", bars, {
		...timeAxis(bars, figure, figure.clientWidth), ...percentileMarks(cells("percentiles")[0].slice(1)),
		showY: showCount,
		show: b => `${showTime(b.from)} to ${showTime(b.to)}: ${showCount(b.value)}`,
	});
}

/* ---- the page ---- */

PHASES.forEach((phase, i) => {
	const item = document.querySelector(`.legend .${phase}`);
	item.hidden = !requests.some(r => r.spans[i]);
});
document.querySelector(".legend .bad").hidden = !requests.some(r => r.failure);
byId("failed").parentElement.hidden = !requests.some(r => r.failure);
byId("order").addEventListener("change", drawWaterfall);
byId("failed").addEventListener("change", drawWaterfall);
byId("view").parentElement.hidden = byId("view").options.length < 2;
byId("view").addEventListener("change", () => {
	drawWaterfall();
	drawSeries();
});
showPictures([
	[["waterfall"], drawWaterfall, requests.length],
	[["flight", "rate", "bytes"], drawSeries, spans.length],
	[["latency"], drawLatency, cells("distribution").length],
]);
