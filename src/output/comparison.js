/* The pictures of a comparison, from its tables. */

const ROW = 28;    /* the height of a row of points */
const AFTER = 72;  /* the room for words behind the longest bar */
const CHART = 190; /* a chart's height without its axis; bars beside it are as high if they can */

const levels = cells("levels").map(c => ({
	name: c[0], concurrency: number(c[0]), wall: number(c[1]), speedUp: number(c[2]),
	efficiency: c[3], percentiles: c.slice(5, 10), failed: number(c[14]), runs: [],
}));
const runs = cells("runs").map(c => ({
	turn: c[0], level: c[1], wall: number(c[2]), failed: number(c[14]),
}));
for (const run of runs) {
	const level = levels.find(at => at.name === run.level);
	run.off = 100 * (run.wall / level.wall - 1) || 0;
	level.runs.push(run);
}
const hasRepetitions = levels.some(level => level.runs.length > 1);
const hasFailures = levels.some(level => level.failed);

/* Where rows begin: behind the names of the levels. */
const nameWidth = Math.max(0, ...levels.map(level => level.name.length)) * 7 + 14;

/* Three digits, or all that are before the point. */
const showTimes = value => `${value >= 100 ? Math.round(value) : short(value)}×`;

const showOff = off => `${off > 0 ? "+" : ""}${+off.toFixed(1)} %`;

function showRange(level) {
	const walls = level.runs.map(run => run.wall);
	return `${showTime(Math.min(...walls))} to ${showTime(Math.max(...walls))}`;
}

/* ---- rows: a level in each ---- */

/* Puts the name of each level at its row, and says of the one that is pointed at what show says. */
function drawRows(svg, row, words, show) {
	const width = svg.viewBox.baseVal.width;
	levels.forEach((level, i) => node(svg, "text", {
		class: "name", x: nameWidth - 8, y: i * row + row / 2 + 4, "text-anchor": "end",
	}, level.name));
	const cursor = node(svg, "path", {class: "cursor", d: ""});
	makeReadable(svg, () => levels.length, (x, y) => Math.floor(y / row), i => {
		cursor.setAttribute("d", `M0.5 ${i * row + 1.5}H${width - 0.5}v${row - 3}H0.5z`);
		words.textContent = show(levels[i]);
	});
}

function drawWalls() {
	const figure = byId("walls"), width = figure.clientWidth;
	const text = "the shorter, the better" + (hasRepetitions ? "; a mark for each run" : "") +
		(hasFailures ? "; red where requests failed" : "");
	const words = putTitle(figure, "Wall time by level", text);
	const row = Math.round(Math.max(26, Math.min(48, CHART / levels.length))), bar = row / 2;
	const bottom = row * levels.length;
	const svg = newPicture(figure, bottom + AXIS, `Wall time by level, ${text}`);
	const most = Math.max(...levels.map(level => level.wall), ...runs.map(run => run.wall)) || 1;
	const place = ms => nameWidth + ms / most * (width - nameWidth - AFTER);
	drawAxis(svg, ticks(0, most, width / 110), place, showTime, 0, bottom);
	levels.forEach((level, i) => {
		const y = i * row + bar / 2, end = place(level.wall);
		const last = Math.max(end, ...level.runs.map(run => place(run.wall)));
		node(svg, "path", {
			class: level.failed ? "bad" : "bar",
			d: box(nameWidth, y, Math.max(end - nameWidth, 1), bar),
		});
		if (level.runs.length > 1)
			node(svg, "path", {
				class: "whisker",
				d: level.runs.map(run => `M${place(run.wall).toFixed(2)} ${y - 3}v${bar + 6}`)
					.join(""),
			});
		node(svg, "text", {class: "value", x: last + 6, y: y + bar / 2 + 4}, showTime(level.wall));
	});
	drawRows(svg, row, words, level => `level ${level.name}: ${showTime(level.wall)}` +
		(level.runs.length > 1 ? `, ${level.runs.length} runs of ${showRange(level)}` : "") +
		(level.failed ? `, ${level.failed} failed` : ""));
}

function drawSpread() {
	const figure = byId("spread"), width = figure.clientWidth;
	const title = "Wall time of each run, off the median of its level";
	const words = putTitle(figure, title, "");
	const bottom = ROW * levels.length;
	const svg = newPicture(figure, bottom + AXIS, title);
	const most = Math.max(1, ...runs.map(run => Math.abs(run.off))) * 1.05;
	const end = width - 16;
	const place = off => nameWidth + 8 + (off / most + 1) / 2 * (end - nameWidth - 8);
	drawAxis(svg, ticks(-most, most, Math.min(9, width / 80)), place, showOff, 0, bottom);
	node(svg, "path", {class: "mark", d: `M${Math.round(place(0)) + 0.5} 0V${bottom}`});
	levels.forEach((level, i) => level.runs.forEach(run => node(svg, "circle", {
		class: run.failed ? "dot bad" : "dot", cx: place(run.off), cy: i * ROW + ROW / 2, r: 5,
	})));
	drawRows(svg, ROW, words, level => `level ${level.name}: ${showRange(level)}: ` + level.runs.map(
		run => `${showOff(run.off)} in turn ${run.turn}`).join(", "));
}

/* ---- speed-up ---- */

/* Both axes are logarithmic, so that what is ideal is a straight line. */
function drawSpeedUps() {
	const figure = byId("speed-ups"), width = figure.clientWidth;
	const text = "both axes logarithmic; the dashed line is ideal";
	const words = putTitle(figure, "Speed-up by level", text);
	const top = 14, bottom = CHART;
	const svg = newPicture(figure, CHART + AXIS, `Speed-up by level, ${text}`);
	const first = levels[0].concurrency, last = levels[levels.length - 1].concurrency;
	const speedUps = levels.map(level => level.speedUp).filter(value => value > 0);
	const least = Math.min(...speedUps), most = Math.max(last / first, ...speedUps);
	const scale = (value, from, to) => Math.log(value / from) / Math.log(to / from);
	const x = level => LEFT + 10 + scale(level, first, last) * (width - LEFT - 34);
	const y = speedUp => bottom - 8 - scale(speedUp, least, most) * (bottom - 8 - top);
	for (const tick of logTicks(least, most)) {
		const at = Math.round(y(tick)) + 0.5;
		node(svg, "path", {class: "grid", d: `M${LEFT} ${at}H${width - RIGHT}`});
		node(svg, "text", {x: LEFT - 6, y: at + 4, "text-anchor": "end"}, showTimes(tick));
	}
	drawAxis(svg, levels.map(level => level.concurrency), x, String, top, bottom);
	node(svg, "path", {class: "ideal", d: `M${x(first)} ${y(1)}L${x(last)} ${y(last / first)}`});
	const points = levels.filter(level => level.speedUp > 0);
	node(svg, "path", {
		class: "line", d: "M" + points.map(p => `${x(p.concurrency)} ${y(p.speedUp)}`).join("L"),
	});
	points.forEach(p => node(svg, "circle", {
		class: p.failed ? "dot bad" : "dot", cx: x(p.concurrency), cy: y(p.speedUp), r: 5,
	}));
	/* From the last, which matters most, to the second; not where words would touch. */
	let free = width;
	for (const p of points.slice(1).reverse()) {
		const word = showTimes(p.speedUp), end = Math.min(free, x(p.concurrency) + word.length * 3.5);
		if (free < width && end < x(p.concurrency) + word.length * 3.5)
			continue;
		free = end - word.length * 7 - 4;
		node(svg, "text", {
			class: "marked", x: end, y: y(p.speedUp) + 20, "text-anchor": "end",
		}, word);
	}
	const cursor = node(svg, "path", {class: "cursor", d: ""});
	const indexAt = at => points.filter((p, i) => !i ||
		(x(points[i - 1].concurrency) + x(p.concurrency)) / 2 <= at).length - 1;
	makeReadable(svg, () => points.length, indexAt, i => {
		const p = points[i], at = Math.round(x(p.concurrency)) + 0.5;
		cursor.setAttribute("d", `M${at} ${top}V${bottom}`);
		words.textContent = `level ${p.name}: ${showTimes(p.speedUp)} of ` +
			`${showTimes(p.concurrency / first)}, ${p.efficiency} %`;
	});
}

/* ---- latency ---- */

const distribution = cells("distribution").map(c => ({
	from: number(c[0]), to: number(c[1]), counts: c.slice(2).map(number),
}));

/* In per cent of a level's requests, so that levels with more runs are no higher. */
function sharesOf(i) {
	const total = distribution.reduce((sum, bar) => sum + bar.counts[i], 0) || 1;
	return distribution.map(bar => ({
		from: bar.from, to: bar.to, value: 100 * bar.counts[i] / total, count: bar.counts[i],
	}));
}

function drawLatencies() {
	const list = byId("latencies"), shares = levels.map((_, i) => sharesOf(i));
	const axis = timeAxis(distribution, list, list.clientWidth);
	const most = Math.max(...shares.flat().map(axis.height)) || 1;
	levels.forEach((level, i) => {
		const figure = list.children[i] || element(list, "figure");
		const [p50, , , p99] = level.percentiles.map(word => showTime(number(word)));
		drawChart(figure, `Level ${level.name}`, shares[i], {
			...axis, ...percentileMarks(level.percentiles), most, text: `half of them in ${p50}, 99 % in ${p99}`,
			showY: value => `${short(value)} %`,
			show: b => `${showTime(b.from)} to ${showTime(b.to)}: ${b.count} requests, ` +
				`${short(b.value)} %`,
		});
	});
}

/* ---- the page ---- */

showPictures([
	[["walls"], drawWalls, levels.length],
	[["speed-ups"], drawSpeedUps, levels.filter(level => level.speedUp > 0).length > 1],
	[["latencies"], drawLatencies, distribution.length],
	[["spread"], drawSpread, levels.some(level => level.runs.length > 1)],
]);
