/* What the scripts of pages share: numbers, drawing, sorting, the theme. */

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

/* A rectangle in a path. */
function box(x, y, wide, high) {
	const [a, b, c, d] = [x, y, wide, high].map(n => n.toFixed(2));
	return `M${a} ${b}h${c}v${d}h-${c}z`;
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

/* The title of a picture, and beside it the words that come back: what to say of it at first. */
function putTitle(figure, title, text) {
	const label = figure.querySelector("figcaption") || element(figure, "figcaption");
	label.textContent = "";
	element(label, "b", "", title + " ");
	return element(label, "span", "", text);
}

/*
 * A chart with its title. bars: {from, to, value, bad} in rising order; place places a value of x;
 * height is how high a bar is, most the top of the chart. show: what to say of a bar; it stands beside the title.
 */
function drawChart(figure, title, bars, how) {
	const {place, marks, showX, showY, show, isArea, after, top = 8, bottom = 130} = how;
	const {height = b => b.value, most = Math.max(...bars.map(height)) || 1} = how;
	const {text = `at most ${showY(most)}`} = how;
	const y = value => bottom - value / most * (bottom - top);
	const words = putTitle(figure, title, text);
	const svg = newPicture(figure, bottom + AXIS, `${title}: ${text}`);
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
			d += `${d ? "V" : `M${x} ${bottom}V`}${y(height(bar))}H${x + wide}`;
		else if (bar.value)
			d += `M${x} ${bottom}V${y(height(bar))}h${wide - gap}V${bottom}z`;
		if (bar.bad)
			bad += `M${x} ${bottom}V${y(bar.bad)}h${wide - gap}V${bottom}z`;
	}
	node(svg, "path", {class: isArea ? "area" : "bar", d: isArea ? `${d}V${bottom}z` : d});
	node(svg, "path", {class: "bad", d: bad});
	if (after)
		after(svg, place, bottom);
	const cursor = node(svg, "path", {class: "cursor", d: ""});
	const indexAt = x => bars.filter(b => place(b.from) <= x).length - 1;
	makeReadable(svg, () => bars.length, indexAt, i => {
		const middle = (place(bars[i].from) + place(bars[i].to)) / 2;
		cursor.setAttribute("d", `M${Math.round(middle) + 0.5} ${top}V${bottom}`);
		words.textContent = show(bars[i]);
	});
}

/*
 * How drawChart() places bars of times, and their heights: on a logarithmic axis they are not all
 * equally wide, so that a bar is as high as it would be with the mean width: its area is what counts.
 */
function timeAxis(bars, figure, width) {
	const isLog = figure.dataset.axis === "log", scale = isLog ? Math.log : v => v;
	const first = bars[0].from || (isLog ? bars[0].to / 2 : 0), last = bars[bars.length - 1].to;
	const at = ms => scale(Math.max(ms, first)) - scale(first);
	const unit = (width - LEFT - RIGHT) / at(last), mean = at(last) / bars.length;
	return {
		place: ms => LEFT + at(ms) * unit,
		height: bar => bar.value * mean / (at(bar.to) - at(bar.from)),
		marks: isLog ? logTicks(first, last) : ticks(first, last, width / 110),
		showX: showTime,
	};
}

const PERCENTILES = ["p50", "p90", "p95", "p99", "p99.9"];

/* How drawChart() marks the percentiles, given as the words of their cells. */
function percentileMarks(words) {
	return {top: 76, bottom: 190, after: (svg, place, bottom) => PERCENTILES.forEach((name, i) => {
		const x = Math.round(place(number(words[i]))) + 0.5;
		const isRight = x > svg.viewBox.baseVal.width * 0.75;
		node(svg, "path", {class: "mark", d: `M${x} ${6 + 14 * i}V${bottom}`});
		node(svg, "text", {
			class: "marked", x: x + (isRight ? -5 : 5), y: 14 + 14 * i,
			"text-anchor": isRight ? "end" : "start",
		}, `${name} ${showTime(number(words[i]))}`);
	})};
}

/* ---- the command, tables and theme ---- */

/* Lines break between its words, and not after their hyphens. */
for (const code of document.querySelectorAll(".about code")) {
	const words = code.textContent.split(" ");
	code.textContent = "";
	words.forEach((word, i) => {
		element(code, "span", "", word);
		if (i < words.length - 1)
			code.append(" ");
	});
}

/* What scrolls shows in which directions there is more. */
for (const box of document.querySelectorAll(".scroll, .about code")) {
	const mark = () => {
		const {scrollLeft, scrollTop, clientWidth, clientHeight} = box;
		box.classList.toggle("more-left", scrollLeft > 1);
		box.classList.toggle("more-right", scrollLeft + clientWidth < box.scrollWidth - 1);
		box.classList.toggle("more-down", scrollTop + clientHeight < box.scrollHeight - 1);
	};
	box.addEventListener("scroll", mark);
	new ResizeObserver(mark).observe(box);
}

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

/*
 * Each of pictures: ids of figures, which are hidden without a script; what draws them, again when
 * the width changes; whether there is anything to draw.
 */
function showPictures(pictures) {
	const shown = pictures.filter(picture => picture[2]);
	let drawnWidth = 0;
	const draw = () => {
		const width = document.querySelector("main").clientWidth;
		if (width === drawnWidth)
			return;
		drawnWidth = width;
		shown.forEach(picture => picture[1]());
	};
	for (const [ids] of shown)
		ids.forEach(id => { byId(id).hidden = false; });
	addEventListener("resize", draw);
	draw();
}
