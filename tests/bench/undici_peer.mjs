// undici: undici_peer.mjs FOLDER CONCURRENCY [h2] <LIST. Bodies are discarded, a line a URL.
// By dispatch(), the fastest of its ways: request() and stream() take twice the time.

import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

const [folder, concurrency, h2] = process.argv.slice(2);
const {Agent} = createRequire(import.meta.url)(folder);
const agent = new Agent({connections: Number(concurrency), allowH2: h2 === 'h2'});
const urls = readFileSync(0, 'utf8').trimEnd().split('\n');
let next = 0;
let text = '';

function put(line) {
	text += line;
	if (text.length > 65536) {
		process.stdout.write(text);
		text = '';
	}
}

function fetchOne(url) {
	const start = performance.now();
	const {origin, pathname, search} = new URL(url);
	let status;
	let size = 0;
	return new Promise((resolve, reject) => agent.dispatch({origin, path: pathname + search, method: 'GET'}, {
		onConnect() {},
		onHeaders(code) {
			status = code;
			return true;
		},
		onData(chunk) {
			size += chunk.length;
			return true;
		},
		onComplete() {
			put(`${status} ${size} ${((performance.now() - start) / 1000).toFixed(3)} ${url}\n`);
			if (status >= 400)
				process.exitCode = 1;
			resolve();
		},
		onError: reject,
	}));
}

async function worker() {
	while (next < urls.length)
		await fetchOne(urls[next++]);
}

await Promise.all(Array.from({length: Number(concurrency)}, worker));
await agent.close();
process.stdout.write(text);
