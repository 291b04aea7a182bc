// A shop on one tablet, that several people use. All that it tells goes through the browser client.
'use strict';

const PEOPLE = {
  ada: { id: 'ada', name: 'Ada', traits: { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', plan: 'gold' } },
  bo: { id: 'bo', name: 'Bo', traits: { email: 'bo@example.com', first_name: 'Bo', last_name: 'Jansen', plan: 'starter' } },
};
const TEAS = [
  { id: 't-1', name: 'Sencha', from: 'Shizuoka', price: 9.5, colour: '#8fbf5a', liquor: '#d8e29a' },
  { id: 't-2', name: 'Darjeeling', from: 'First flush', price: 12, colour: '#b8763a', liquor: '#e8b45f' },
  { id: 't-3', name: 'Lapsang', from: 'Wuyi, smoked', price: 11, colour: '#5a3a2a', liquor: '#a3502c' },
  { id: 't-4', name: 'Jasmine', from: 'Fujian', price: 8, colour: '#6f9f86', liquor: '#efe3a6' },
  { id: 't-5', name: 'Rooibos', from: 'Cederberg', price: 6.5, colour: '#a8452f', liquor: '#cf6a3a' },
  { id: 't-6', name: 'Hibiscus', from: 'Aswan', price: 7, colour: '#8a2348', liquor: '#d0426c' },
];

const find = (id) => document.getElementById(id);
const make = (tag, content, attributes = {}) => {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(...[content].flat());
  return element;
};
const money = (amount) => `${amount.toFixed(2)} €`;
const rounded = (amount) => Math.round(amount * 100) / 100;

// The tablet is this browser. Another device is a client that keeps nothing here, with an id of its own.
const device = new URLSearchParams(location.search).get('device');
const writeKey = document.querySelector('meta[name=write-key]').content;
const options = device ? { storage: { stores: ['memory'] } } : {};
const analytics = window.AnalyticsNext.AnalyticsBrowser.load({ writeKey, cdnURL: location.origin }, options);
if (device) {
  const kept = sessionStorage.getItem('device') ?? `${device}-${crypto.randomUUID()}`;
  sessionStorage.setItem('device', kept);
  analytics.setAnonymousId(kept);
}

const store = device ? sessionStorage : localStorage;
const basket = [];
let customer = PEOPLE[store.getItem('customer')] ?? null;

function done(step) {
  document.querySelector(`[data-step=${step}]`)?.classList.add('done');
}

function drawAccount() {
  const buttons = customer
    ? [make('span', `Hello, ${customer.name}`), offers(), button('Sign out', signOut)]
    : Object.values(PEOPLE).map((person) => button(`Sign in as ${person.name}`, () => signIn(person)));
  find('account').replaceChildren(...buttons);
}

function button(text, press, kind = '') {
  return make('button', text, { onclick: press, className: kind });
}

async function signIn(person) {
  customer = person;
  store.setItem('customer', person.id);
  drawAccount();
  await analytics.identify(person.id, person.traits);
  done(person.id);
}

// The tablet stays what it is, so its id does too: only the customer is forgotten. reset() would make it another one.
async function signOut() {
  customer = null;
  store.removeItem('customer');
  basket.length = 0;
  drawAccount();
  drawBasket();
  await analytics.track('Signed Out');
  const user = await analytics.user();
  user.id(null);
  user.traits({});
  done('out');
}

function offers() {
  const box = make('input', [], { type: 'checkbox' });
  box.onchange = () => analytics.track('Segment Consent Preference Updated', {}, {
    consent: { categoryPreferences: { offers: box.checked } },
  });
  return make('label', [box, ' Send me offers']);
}

function pot(tea) {
  const draw = (tag, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    return element;
  };
  const svg = draw('svg', { viewBox: '0 0 120 84', role: 'img', 'aria-label': tea.name });
  svg.append(
    draw('ellipse', { cx: 60, cy: 72, rx: 46, ry: 7, fill: '#00000012' }),
    draw('path', { d: 'M24 28h72c0 26-13 42-36 42S24 54 24 28z', fill: '#fff', stroke: '#d9d4c7', 'stroke-width': 2 }),
    draw('ellipse', { cx: 60, cy: 28, rx: 36, ry: 10, fill: tea.liquor, stroke: '#d9d4c7', 'stroke-width': 2 }),
    draw('path', { d: 'M95 34c14-3 18 18-6 22', fill: 'none', stroke: '#d9d4c7', 'stroke-width': 5 }),
    draw('path', { d: 'M52 27c2-8 10-11 19-9-1 9-9 13-19 9z', fill: tea.colour }),
  );
  return svg;
}

function drawTeas() {
  find('teas').replaceChildren(...TEAS.map((tea) => {
    const card = make('article', [
      pot(tea),
      make('h2', tea.name),
      make('p', tea.from),
      make('div', [
        make('b', money(tea.price)),
        button('Look', () => look(tea)),
        button('Add', () => add(tea), 'strong'),
      ]),
    ]);
    card.dataset.tea = tea.id;
    return card;
  }));
}

const product = (tea) => ({ product_id: tea.id, name: tea.name, price: tea.price, currency: 'EUR' });

async function look(tea) {
  document.querySelectorAll('article').forEach((card) => card.classList.toggle('seen', card.dataset.tea === tea.id));
  await analytics.track('Product Viewed', product(tea));
  done('look');
}

async function add(tea) {
  basket.push(tea);
  drawBasket();
  await analytics.track('Product Added', { ...product(tea), quantity: 1 });
}

async function buy() {
  const total = rounded(basket.reduce((sum, tea) => sum + tea.price, 0));
  const order = `o-${Date.now().toString(36)}`;
  const products = basket.map((tea) => ({ ...product(tea), quantity: 1 }));
  basket.length = 0;
  drawBasket();
  await analytics.track('Order Completed', { order_id: order, total, currency: 'EUR', products });
  done('buy');
}

function drawBasket() {
  const total = basket.reduce((sum, tea) => sum + tea.price, 0);
  find('basket').textContent = basket.length
    ? `${basket.map((tea) => tea.name).join(', ')}: ${money(total)}`
    : 'The basket is empty.';
  find('buy').disabled = !basket.length;
}

find('device').textContent = device ? `on somebody's ${device}` : 'on the tablet in the living room';
find('buy').onclick = buy;
drawAccount();
drawTeas();
drawBasket();
analytics.page('Shop', 'Teas');
