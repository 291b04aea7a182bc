// Clicks through the demonstration as a newcomer would, and says what there is to see after each part.
//
// node clicks.cjs < RUN, RUN is {chromium, url, picture}: where the demonstration is, and a file for a picture of the end
// or null. Prints {visitor, alone, both, phone, errors, elsewhere}.

const fs = require('node:fs');
const { chromium } = require('playwright-core');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

// What the live page shows: of each person the lines, latest first, and of each device whose it was.
const SEEN = () => {
  const text = (element) => element?.textContent ?? '';
  const people = {};
  for (const card of document.querySelectorAll('#people article')) {
    people[card.dataset.person ?? text(card.querySelector('h3'))] = {
      chips: [...card.querySelectorAll('.chips span')].map((chip) => [text(chip.firstChild), text(chip.lastChild)]),
      lines: [...card.querySelectorAll('li')].map((line) => text(line.querySelector('b')) + (line.querySelector('em') ? '?' : '')),
      quiet: text(card.querySelector('.quiet')),
    };
  }
  const devices = [...document.querySelectorAll('.band')].map((band) => [...band.children].map((piece) => text(piece.firstChild)));
  return { people, devices, events: document.querySelectorAll('#events li').length };
};

async function main({ chromium: executablePath, url, picture }) {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const context = await browser.newContext({ viewport: { width: 1500, height: 950 } });
  const errors = [];
  const elsewhere = [];
  context.on('weberror', (error) => errors.push(String(error.error())));
  context.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  context.on('request', (request) => { if (!request.url().startsWith(url)) elsewhere.push(request.url()); });

  const page = await context.newPage();
  await page.goto(`${url}/demo`);
  const frame = (name) => page.frames().find((one) => one.url().endsWith(name));
  const shop = frame('/demo/shop');
  const live = frame('/demo/live');
  const press = (text, number = 0, where = shop) => where.getByRole('button', { name: text, exact: true }).nth(number).click();
  // Waits until so many events have come, and everything drawn is of one moment.
  const after = async (events) => {
    await live.waitForFunction((count) => document.querySelectorAll('#events li').length >= count, events);
    return live.evaluate(SEEN);
  };
  const done = (step) => shop.waitForSelector(`[data-step=${step}].done`);

  await press('Look', 0);
  await press('Look', 1);
  const visitor = await after(3);
  await press('Sign in as Ada');
  await done('ada');
  await press('Add', 1);
  await press('Buy');
  const alone = await after(6);
  await shop.getByRole('checkbox').check();
  await after(7);
  await press('Sign out');
  await done('out');
  await press('Look', 3);
  await after(9);
  await press('Sign in as Bo');
  await done('bo');
  await press('Look', 4);
  const both = await after(11);

  const other = await context.newPage();
  await other.goto(`${url}/demo/shop?device=phone`);
  await press('Look', 2, other);
  await press('Sign in as Ada', 0, other);
  const phone = await after(14);
  if (picture) await page.screenshot({ path: picture });
  await browser.close();
  return { visitor, alone, both, phone, errors, elsewhere };
}

setTimeout(() => process.exit(1), 120_000).unref();
main(JSON.parse(fs.readFileSync(0, 'utf8'))).then((seen) => process.stdout.write(JSON.stringify(seen)));
