// Sends the calls of a story with one of the clients for servers: node servers.cjs CLIENT < RUN
//
// RUN is {host, writeKey, calls}; a call has the keys of the specification and says its own time. What the client put
// on the wire, by its own word, is printed as a JSON list of events.

const fs = require('node:fs');
const zlib = require('node:zlib');

const dated = (call) => ({ ...call, timestamp: new Date(call.timestamp) });

async function segment({ host, writeKey, calls }) {
  const { Analytics } = require('@segment/analytics-node');
  const client = new Analytics({ host, writeKey });
  const sent = [];
  client.on('http_request', ({ body }) => sent.push(...(typeof body === 'string' ? JSON.parse(body) : body).batch));
  client.on('error', ({ reason }) => { throw reason; });
  for (const { type, ...call } of calls) client[type](dated(call));
  await client.closeAndFlush();
  return sent;
}

const rudder = (gzip) => async ({ host, writeKey, calls }) => {
  const RudderAnalytics = require('@rudderstack/rudder-sdk-node');
  const client = new RudderAnalytics(writeKey, { dataPlaneUrl: host, gzip, logLevel: 'error' });
  const sent = new Map();
  const all = calls.map(({ type, ...call }) => new Promise((done, fail) => {
    client[type](dated(call), (error, data) => {
      if (error) return fail(error);
      const { batch } = gzip ? JSON.parse(zlib.gunzipSync(data)) : data;
      for (const event of batch) sent.set(event.messageId, event);
      return done();
    });
  }));
  await client.flush();
  await Promise.all(all);
  return [...sent.values()];
};

// It has calls of its own for what the others take as one mapping, no time that a host could set, and no alias.
const jitsu = (s2s) => async ({ host, writeKey, calls }) => {
  const { jitsuAnalytics } = require('@jitsu/js');
  const sent = [];
  const recording = (url, request) => {
    sent.push(JSON.parse(request.body));
    return fetch(url, request);
  };
  const client = jitsuAnalytics({ host, writeKey, s2s, fetch: recording, errorPolicy: 'rethrow' });
  for (const { type, ...call } of calls) {
    const who = { userId: call.userId, anonymousId: call.anonymousId };
    if (type === 'page') await client.page({ name: call.name, category: call.category, ...call.properties }, who);
    else if (type === 'track') await client.track(call.event, call.properties, who);
    else if (type === 'identify') await client.identify(call.userId, call.traits, who);
    else if (type === 'group') await client.group(call.groupId, call.traits, who);
    else throw new Error(`no call ${type}`);
  }
  return sent;
};

const CLIENTS = {
  'segment-node': segment,
  'rudder-node': rudder(true),
  'rudder-node-plain': rudder(false),
  'jitsu-server': jitsu(true),
  'jitsu-browser': jitsu(false),
};

CLIENTS[process.argv[2]](JSON.parse(fs.readFileSync(0, 'utf8')))
  .then((sent) => process.stdout.write(JSON.stringify(sent)));
