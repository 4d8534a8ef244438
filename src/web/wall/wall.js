// Draws what wall.json tells, and says when it tells nothing any more. All judging is the exporter's: here is no target
// compared and no queue sorted. Whatever comes from outside becomes text, never markup.
//
// In the address: ?theme=dark or ?theme=light, ?account=NAME for one account alone (several times for several).
'use strict';

const EVERY_MS = 5000;
const PATIENCE_MS = 4000;
// Two answers were missed.
const SILENT_S = 12;
// A full page is drawn of these at most; how many there is room for is measured.
const MOST_ROWS = 24;
const MOST_ROWS_SCROLLED = 30;
// More accounts have no room for their queues.
const MOST_SECTIONS = 4;

const asked = new URLSearchParams(location.search);
const theme = asked.get('theme');
if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
const only = asked.getAll('account');

const at = (id) => document.getElementById(id);
let told = null;
let toldAt = null;
// Section of the page → account that it shows.
const drawn = new WeakMap();
const openedAt = clocks();

// A screen's clock may be wrong, jump, or stand still while it sleeps. Of both clocks, what has passed longer has passed.
function clocks() {
  return { steady: performance.now(), wall: Date.now() };
}

function since(then) {
  const now = clocks();
  return Math.max(0, now.steady - then.steady, now.wall - then.wall) / 1000;
}

// What the exporter's clock shows now.
const nowS = () => told.now_s + since(toldAt);

async function ask() {
  try {
    const answer = await fetch('wall.json', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const next = await answer.json();
    if (next.form !== 1) throw new Error(`form ${next.form}`);
    // The exporter was changed; this page may have been, too.
    if (told && told.version !== next.version) location.reload();
    told = next;
    toldAt = clocks();
    draw();
  } catch {
    // That nobody answers shows by itself, once it lasts.
  }
  age();
  setTimeout(ask, EVERY_MS);
}

function make(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const two = (number) => String(number).padStart(2, '0');

function time(seconds, precise) {
  const when = new Date(seconds * 1000);
  const minutes = `${two(when.getHours())}:${two(when.getMinutes())}`;
  return precise ? `${minutes}:${two(when.getSeconds())}` : minutes;
}

// A value and its unit: 12 s, 2:05 min, 1:05 h.
function duration(seconds) {
  if (seconds < 60) return [String(Math.floor(seconds)), 's'];
  const [large, small, unit] = seconds < 3600 ? [60, 1, 'min'] : [3600, 60, 'h'];
  return [`${Math.floor(seconds / large)}:${two(Math.floor((seconds % large) / small))}`, unit];
}

// Exact enough that what is beyond its target never looks like it.
function percent(ratio, target) {
  const value = ratio * 100;
  if (target !== null && ratio !== target && Math.round(value) === Math.round(target * 100)) {
    const away = ratio < target ? Math.floor : Math.ceil;
    return [(away(value * 10) / 10).toFixed(1), '%'];
  }
  const exact = target === null ? Math.abs(value - Math.round(value)) > 1e-9 : value > 0;
  return [value < 10 && exact ? value.toFixed(1) : String(Math.round(value)), '%'];
}

function count(number) {
  return [number < 100000 ? String(number) : `${Math.floor(number / 1000)}k`, ''];
}

// The label `15m` in words.
const length = (window) => window.label.replace(/^(\d+)m$/, '$1\u202fmin').replace(/^(\d+)h$/, '$1\u202fh');

const together = ([value, unit]) => (unit ? `${value}\u202f${unit}` : value);

const NUMBERS = [
  { key: 'waiting', title: 'Waiting', short: 'Waiting', write: count },
  { key: 'longest_wait_seconds', title: 'Longest wait', short: 'Longest', write: duration },
  { key: 'agents_available', title: 'Agents available', short: 'Free', write: count },
  { key: 'service_level_ratio', title: 'Service level', short: 'Level', write: percent },
  { key: 'abandonment_ratio', title: 'Abandoned', short: 'Aband.', write: percent },
  { key: 'offered', title: 'Offered', short: 'Offered', write: count },
];

// ---- what was told

function note(number, figure, account) {
  if (figure.value === null) return figure.read_s === null ? 'not known' : `too old: of ${time(figure.read_s)}`;
  const mark = figure.verdict === 'beyond' ? '▲ ' : figure.verdict === 'ok' ? '✓ ' : '';
  if (figure.target !== null) {
    const named = figure.words.endsWith('target') ? figure.words : `${figure.words}, target`;
    return `${mark}${named} ${together(number.write(figure.target, null))}`;
  }
  if (figure.words) return mark + figure.words;
  const busy = account.numbers.with_agent.value;
  if (number.key === 'agents_available' && busy !== null) return `${busy} in conversation`;
  if (number.key === 'offered' && account.window) return `in ${length(account.window)}, to ${time(account.window.to_s)}`;
  return number.key === 'waiting' ? 'now' : '';
}

function tile(number, account) {
  const figure = account.numbers[number.key];
  const box = make('div', 'tile');
  box.dataset.number = number.key;
  box.dataset.verdict = figure.verdict;
  const value = make('dd', 'value');
  if (figure.value === null) {
    box.dataset.unknown = '';
    value.append(make('span', '', '–'));
  } else {
    const [digits, unit] = number.write(figure.value, figure.target);
    value.append(make('span', '', digits));
    if (unit) value.append(make('small', '', `\u202f${unit}`));
    value.dataset.wide = digits.length + 0.4 * unit.length > 4 ? 'yes' : 'no';
    box.dataset.until = figure.until_s;
    box.dataset.read = figure.read_s;
  }
  box.append(make('dt', '', number.title), value, make('dd', 'note', note(number, figure, account)));
  return box;
}

// In a column of them the minutes need no unit: 12:34, and 8 s.
function brief(number, figure) {
  const [value, unit] = number.write(figure.value, figure.target);
  return unit === 'min' ? value : together([value, unit]);
}

function row(queue, several) {
  const line = make('tr');
  const name = make('th');
  name.scope = 'row';
  name.append(make('span', 'queue', queue.queue));
  if (queue.channel && several(queue)) name.append(make('small', '', queue.channel));
  line.append(name);
  for (const number of NUMBERS) {
    const figure = queue.numbers[number.key];
    const cell = make('td', '', figure.value === null ? '–' : brief(number, figure));
    cell.dataset.number = number.key;
    cell.dataset.verdict = figure.verdict;
    if (figure.value !== null) {
      cell.dataset.until = figure.until_s;
      if (figure.verdict === 'beyond') {
        line.dataset.verdict = 'beyond';
        cell.prepend(make('b', 'mark', '▲'));
        cell.append(make('span', 'unseen', `, ${figure.words}`));
      }
    }
    line.append(cell);
  }
  return line;
}

function table(kind, caption, first, rows) {
  const made = make('table', kind);
  made.append(make('caption', 'unseen', caption));
  const head = make('tr');
  const titles = [[first, ''], ...NUMBERS.map((number) => [number.short, number.key])];
  for (const [title, key] of titles) {
    const cell = make('th', '', title);
    cell.scope = 'col';
    if (key) cell.dataset.number = key;
    head.append(cell);
  }
  const [top, body] = [make('thead'), make('tbody')];
  top.append(head);
  body.append(...rows);
  made.append(top, body);
  return made;
}

function queues(account) {
  // A channel is named where a queue stands in several.
  const several = (queue) => account.queues.some((it) => it.queue === queue.queue && it.channel !== queue.channel);
  const rows = account.queues.slice(0, MOST_ROWS_SCROLLED).map((queue) => row(queue, several));
  return table('queues', `Queues of ${account.name}, worst first`, 'Worst first', rows);
}

// So many accounts that each has a line for itself, and its queues are left to ?account=NAME.
function lines(accounts) {
  const line = (account) => {
    const words = account.state === 'failing' ? `▲ ${account.words}` : account.words;
    const made = row({ queue: account.name, channel: words, numbers: account.numbers }, () => true);
    made.classList.add('line');
    made.dataset.state = account.state;
    made.querySelector('th small').className = 'state';
    made.append(make('td', 'age'));
    drawn.set(made, account);
    return made;
  };
  const made = table('queues accounts', 'Accounts', 'Account', accounts.map(line));
  const age = make('th', '', 'Age');
  age.scope = 'col';
  made.querySelector('thead tr').append(age);
  made.dataset.lines = accounts.length > 10 ? 'many' : 'few';
  const list = make('div', 'list');
  list.append(made);
  return list;
}

function section(account) {
  const made = make('section', 'account');
  drawn.set(made, account);
  made.dataset.state = account.state;
  made.dataset.queues = account.queues.length === 0 ? 'none' : account.queues.length < 4 ? 'few' : 'many';
  const head = make('header');
  const state = account.state === 'failing' ? `▲ ${account.words}` : account.words;
  head.append(make('h1', '', account.name), make('p', 'state', state), make('p', 'age'));
  const tiles = make('dl', 'tiles');
  tiles.append(...NUMBERS.map((number) => tile(number, account)));
  made.append(head, tiles);
  if (account.queues.length) {
    const list = make('div', 'list');
    list.append(queues(account), make('p', 'rest'));
    made.append(list);
  }
  return made;
}

// A phone is scrolled, a screen on a wall is not.
const isScrolled = () => getComputedStyle(document.body).getPropertyValue('--scrolled').trim() === 'yes';

const isShown = (account) => !only.length || only.includes(account.name);

function draw() {
  const accounts = told.accounts.filter(isShown);
  const main = at('accounts');
  const short = accounts.length > MOST_SECTIONS && !isScrolled();
  main.dataset.accounts = short ? 'many' : accounts.length;
  main.replaceChildren(...(short ? [lines(accounts)] : accounts.map(section)));
  if (!accounts.length) main.append(make('p', 'nothing', only.length ? `no account is called ${only.join(', ')}` : 'no account is configured'));
  if (told.accounts_left_out) main.append(make('p', 'nothing', `and ${told.accounts_left_out} more accounts: ?account=NAME shows one`));
  fit();
}

// A screen on a wall is not scrolled: what it has no room for is counted instead.
function fit() {
  if (!told) return;
  const scrolled = isScrolled();
  for (const made of document.querySelectorAll('.account')) {
    const list = made.querySelector('.list');
    if (!list) continue;
    const account = drawn.get(made);
    const rows = [...list.querySelectorAll('tbody tr')];
    const rest = list.querySelector('.rest');
    let shown = Math.min(rows.length, scrolled ? MOST_ROWS_SCROLLED : MOST_ROWS);
    const show = () => {
      rows.forEach((line, place) => { line.hidden = place >= shown; });
      const left = account.queues.length - shown + account.queues_left_out;
      put(rest, left ? `and ${left} more` : '');
    };
    show();
    while (!scrolled && shown > 0 && list.scrollHeight > list.clientHeight) {
      shown -= 1;
      show();
    }
  }
}

// ---- how old it is

function ago(seconds) {
  return together(duration(Math.max(0, Math.floor(seconds))));
}

function age() {
  const silentS = since(toldAt ?? openedAt);
  const silent = silentS >= SILENT_S;
  document.body.classList.toggle('silent', silent);
  at('silent').hidden = !silent;
  if (silent) {
    const from = Date.now() / 1000 - silentS;
    put(at('silent'), told ? `▲ No answer since ${time(from, true)}` : '▲ No answer yet');
  }
  put(at('clock'), `${oldest()}it is ${time(Date.now() / 1000)}`);
  if (!told) return;
  const now = nowS();
  for (const old of document.querySelectorAll('[data-until]')) {
    if (now >= Number(old.dataset.until)) expire(old);
  }
  for (const made of document.querySelectorAll('.account, .line')) {
    const account = drawn.get(made);
    const read = readS(account);
    const short = read.length ? ago(now - Math.min(...read)) : '–';
    put(made.querySelector('.age'), made.matches('tr') ? short : ageOf(account, now));
  }
  headline(silent);
}

// When the live numbers of an account were read.
function readS(account) {
  const live = ['waiting', 'longest_wait_seconds', 'agents_available'];
  return live.map((key) => account.numbers[key].read_s).filter((it) => it !== null);
}

// Of all that is shown; it stays in sight where the rest is scrolled away.
function oldest() {
  const read = told ? told.accounts.filter(isShown).flatMap(readS) : [];
  return read.length ? `${ago(nowS() - Math.min(...read))} old · ` : '';
}

function ageOf(account, now) {
  const read = readS(account);
  const queue = read.length ? `queue now: ${ago(now - Math.min(...read))} old` : 'queue now: not known';
  const recent = account.window
    ? `last ${length(account.window)}: to ${time(account.window.to_s)}, ${ago(now - account.window.to_s)} old`
    : 'recent time: not known';
  return `${queue} · ${recent}`;
}

// It was true once; whoever looks up now must not take it for now.
function expire(old) {
  delete old.dataset.until;
  old.dataset.verdict = 'unjudged';
  old.dataset.unknown = '';
  if (old.matches('td')) {
    old.textContent = '–';
    return;
  }
  const value = old.querySelector('.value');
  const was = value.textContent;
  value.replaceChildren(make('span', '', '–'));
  put(old.querySelector('.note'), `too old: was ${was} at ${time(Number(old.dataset.read))}`);
}

function headline(silent) {
  const { worst, accounts } = told;
  const element = at('worst');
  const judged = document.querySelectorAll('.tile[data-verdict=ok], .tile[data-verdict=beyond]').length;
  const here = worst && (!only.length || only.includes(worst.account));
  const where = here && [accounts.length > 1 && only.length !== 1 ? worst.account : '', worst.queue ?? ''];
  const who = here && (where.filter(Boolean).join(', ') || worst.account);
  const says = silent ? '▲ What is shown is old'
    : here ? `▲ ${who}: ${worst.words}`
      : judged ? '✓ Within all targets' : 'Nothing to judge yet';
  element.dataset.verdict = silent ? 'unjudged' : here ? 'beyond' : judged ? 'ok' : 'unjudged';
  // Told aloud where it changes, and only then.
  put(element, says);
  document.title = silent ? at('silent').textContent : says;
}

addEventListener('resize', () => {
  if (told) draw();
  age();
});
setInterval(age, 1000);
ask();
