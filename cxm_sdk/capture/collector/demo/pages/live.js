// Draws what the collector's graph makes of the events, each time the server says that something has changed.
'use strict';

const COLOURS = ['#2f7d4f', '#b4552d', '#3f5fb0', '#8b3f8f', '#96781f', '#217f8c', '#b03a5b', '#55606e'];
const NOBODY = '#9a9688';
const SHORT = 8;

const make = (tag, content = [], attributes = {}) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...[content].flat().filter((one) => one !== null));
  return element;
};
const part = (id) => document.querySelector(`#${id} > :last-child`);
const time = (text) => new Date(text).toLocaleTimeString([], { hour12: false });
const short = (text) => (text.length > 2 * SHORT + 4 ? `${text.slice(0, SHORT)}…` : text);

// People keep the colour that they had first, and their cards are the same elements as long as they are there.
const colours = new Map();
const known = new Set();
const colourOf = (id) => {
  if (!colours.has(id)) colours.set(id, COLOURS[colours.size % COLOURS.length]);
  return colours.get(id);
};
let begun = false;

function line(entry, who) {
  const fresh = begun && !known.has(`${who}/${entry.id}`);
  known.add(`${who}/${entry.id}`);
  return make('li', [
    make('time', time(entry.at)),
    make('i', entry.kind, { className: `kind ${entry.kind}` }),
    make('span', [make('b', entry.title), entry.detail ? ` ${entry.detail}` : null]),
    entry.anonymous ? make('em', 'was anonymous') : null,
  ], { className: fresh ? 'fresh' : '' });
}

function chips(person) {
  const shown = [
    ...person.identifiers.map(({ namespace, value }) => [namespace, value]),
    ...Object.entries(person.traits).filter(([name]) => !['email', 'first_name', 'last_name'].includes(name)),
    ...Object.entries(person.consent).map(([purpose, allowed]) => [purpose, allowed ? 'yes' : 'no']),
  ];
  return make('p', shown.map(([name, value]) => make('span', [make('small', name), String(value)])), { className: 'chips' });
}

function card(person) {
  const initials = person.name.split(' ').map((word) => word[0]).join('').slice(0, 2).toUpperCase();
  const made = make('article', [
    make('h3', [make('span', initials, { className: 'face' }), person.name]),
    chips(person),
    make('ol', person.timeline.map((entry) => line(entry, person.id))),
  ]);
  made.style.setProperty('--colour', colourOf(person.id));
  made.dataset.person = person.name;
  return made;
}

function stranger(visitor) {
  const count = visitor.events === 1 ? 'one event' : `${visitor.events} events`;
  const made = make('article', [
    make('h3', [make('span', '?', { className: 'face' }), 'Somebody']),
    make('p', [make('span', [make('small', 'anonymous_id'), short(visitor.value)])], { className: 'chips' }),
    make('p', `${count} so far. Whoever signs in on this device first was it.`, { className: 'quiet' }),
  ], { className: 'stranger' });
  made.style.setProperty('--colour', NOBODY);
  return made;
}

// A band for each device, with a piece for each time that it was somebody's, all of one length: seconds and days would
// not fit beside each other.
function bands(people) {
  const devices = new Map();
  for (const person of people) {
    for (const owned of person.devices) {
      if (!devices.has(owned.value)) devices.set(owned.value, []);
      devices.get(owned.value).push({ ...owned, person });
    }
  }
  return [...devices].map(([value, pieces]) => {
    pieces.sort((one, other) => (one.since ?? '').localeCompare(other.since ?? ''));
    const drawn = pieces.map(({ person, since }) => {
      const piece = make('span', [person.name, make('small', since ? `from ${time(since)}` : 'from the beginning')]);
      piece.style.setProperty('--colour', colourOf(person.id));
      return piece;
    });
    return make('div', [make('code', short(value), { title: value }), make('div', drawn, { className: 'band' })]);
  });
}

function draw(scene) {
  const people = [...scene.people].sort((one, other) => one.name.localeCompare(other.name));
  people.forEach((person) => colourOf(person.id));
  part('people').replaceChildren(...people.map(card), ...scene.visitors.map(stranger));
  part('events').replaceChildren(...scene.events.map((event) => {
    const made = line(event, '');
    made.append(make('small', event.userId ?? short(event.anonymousId ?? '')));
    return made;
  }));
  const drawn = bands(people);
  part('devices').replaceChildren(...drawn);
  document.getElementById('devices').hidden = !drawn.length;
  begun = true;
}

const state = document.getElementById('state');
const stream = new EventSource('/demo/live/events');
stream.onopen = () => { state.textContent = 'live'; state.className = 'on'; };
stream.onerror = () => {
  if (stream.readyState !== EventSource.CLOSED) return; // a stream ends every few seconds and is asked for anew
  state.textContent = 'gone';
  state.className = '';
};
stream.onmessage = (message) => draw(JSON.parse(message.data));
document.getElementById('devices').hidden = true;
