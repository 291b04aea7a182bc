// Makes the calls of a story in a page of a real browser, from another origin than the collector's.
//
// node browser.cjs CLIENT < RUN, one line of JSON: {chromium, host, writeKey, calls, anonymousId, clockAhead}, or
// {chromium, lines} for a page that runs some lines of JavaScript of its own. The page loads the client from node_modules, and from the collector whatever the client itself asks for. When it has
// started, {origin} is printed. At the next line of stdin it makes the calls and prints {sent}: what the client says of each
// event. At the next one it leaves the page and prints {errors, failed}; when stdin ends, or a test takes far too long, so
// does the browser.

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const readline = require('node:readline');
const { chromium } = require('playwright-core');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
const SEGMENT = '@segment/analytics-next/dist/umd/index.js';
const RUDDER = '@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js';
const JITSU = '@jitsu/js/dist/jitsu.es.js';
const RUDDER_LEGACY = '@rudderstack/analytics-js/dist/npm/legacy/umd/index.js';

// What runs in the page: each starts a client and gives a function that makes one call and tells the event of it.
const START = {
  segment: async ({ host, writeKey, anonymousId, options }) => {
    const analytics = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: host }, options);
    await analytics.setAnonymousId(anonymousId);
    window.call = async ({ type, ...call }) => {
      const made = {
        page: () => analytics.page(call.category, call.name, call.properties),
        screen: () => analytics.screen(call.category, call.name, call.properties),
        track: () => analytics.track(call.event, call.properties),
        identify: () => analytics.identify(call.userId, call.traits),
        group: () => analytics.group(call.groupId, call.traits),
        alias: () => analytics.alias(call.userId, call.previousId),
      };
      return (await made[type]()).event;
    };
  },
  rudder: async ({ host, writeKey, anonymousId, options }) => {
    const analytics = new window.rudderanalytics.RudderAnalytics();
    analytics.load(writeKey, host, { configUrl: host, ...options });
    await new Promise((ready) => analytics.ready(ready));
    analytics.setAnonymousId(anonymousId);
    window.call = ({ type, ...call }) => new Promise((told) => {
      const made = {
        page: () => analytics.page(call.category, call.name, call.properties, told),
        track: () => analytics.track(call.event, call.properties, told),
        identify: () => analytics.identify(call.userId, call.traits, told),
        group: () => analytics.group(call.groupId, call.traits, told),
        alias: () => analytics.alias(call.userId, call.previousId, told),
      };
      made[type]();
    });
  },
  jitsu: async ({ host, writeKey, anonymousId }) => {
    let sent;
    const recording = (url, request) => {
      sent = JSON.parse(request.body);
      return fetch(url, request);
    };
    const { jitsuAnalytics } = await import('/client.js');
    const analytics = jitsuAnalytics({ host, writeKey, fetch: recording, errorPolicy: 'rethrow' });
    analytics.setAnonymousId(anonymousId);
    window.call = async ({ type, ...call }) => {
      const made = {
        page: () => analytics.page({ name: call.name, category: call.category, ...call.properties }),
        track: () => analytics.track(call.event, call.properties),
        identify: () => analytics.identify(call.userId, call.traits),
        group: () => analytics.group(call.groupId, call.traits),
      };
      await made[type]();
      return sent;
    };
  },
};

// Two of them wait with batches for longer than a test lasts, so that the last ones are sent when the page is left. What
// the third has not sent by then it keeps for the next page, as it is made to.
const LATER = 600_000;
const SOON = 500;
const CLIENTS = {
  'segment-browser': [SEGMENT, 'segment', {}],
  'segment-browser-batching': [SEGMENT, 'segment', {
    integrations: { 'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 10, timeout: LATER } } } },
  }],
  'jitsu-page': [JITSU, 'jitsu', {}],
  'rudder-browser': [RUDDER, 'rudder', {}],
  'rudder-browser-batching': [RUDDER, 'rudder', {
    queueOptions: { batch: { enabled: true, maxItems: 10, flushInterval: SOON } },
  }],
  'rudder-browser-beacon': [RUDDER_LEGACY, 'rudder', {
    useBeacon: true, beaconQueueOptions: { maxItems: 10, flushQueueInterval: LATER },
  }],
};

function serve(script) {
  const tag = script.endsWith('.es.js') ? '' : '<script src="/client.js"></script>';
  const page = `<!doctype html><title>Shop</title>${tag}<h1>Shop</h1>`;
  const server = http.createServer((request, response) => {
    const script_ = request.url === '/client.js';
    response.setHeader('Content-Type', script_ ? 'text/javascript' : 'text/html');
    response.end(script_ ? fs.readFileSync(require.resolve(script)) : page);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

async function main(name, lines) {
  const run = JSON.parse((await lines.next()).value);
  const [script, client, options] = CLIENTS[name];
  const server = await serve(path.join(process.env.NODE_PATH, script));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({ executablePath: run.chromium, args: FLAGS });
  const page = await browser.newPage();
  const errors = [];
  const failed = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  page.on('response', (response) => { if (!response.ok()) failed.push(`${response.status()} ${response.url()}`); });
  if (run.clockAhead) await page.clock.install({ time: Date.now() + run.clockAhead });
  await page.goto(`${origin}/shop?colour=green`);
  if (run.lines) await page.addScriptTag({ content: run.lines });
  else await page.evaluate(START[client], { ...run, options });
  process.stdout.write(`${JSON.stringify({ origin })}\n`);
  await lines.next();
  const sent = await page.evaluate(async (calls) => {
    const events = [];
    for (const call of calls) events.push(await window.call(call));
    return events;
  }, run.calls ?? []);
  process.stdout.write(`${JSON.stringify({ sent })}\n`);
  await lines.next();
  await page.goto('about:blank');
  process.stdout.write(`${JSON.stringify({ errors, failed })}\n`);
  await lines.next();
  await browser.close();
  server.close();
}

const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const fail = (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
};
setTimeout(() => fail(new Error('it took far too long')), 120_000).unref();
main(process.argv[2], lines).catch(fail);
