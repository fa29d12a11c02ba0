// The API's documentation: reads /openapi.json and shows its operations, shapes and reasons, in zh and en.
import { attempt } from './attempt.js';
import { email, look, signIn, signOut } from './session.js';
import { fields, kind, row, table } from './shapes.js';
import { element, labelOf, page, say } from './words.js';

const at = (id) => document.getElementById(id);
let api;

function operations() {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
}

function titleOf(tag) {
  const noun = Object.values(api['x-kith-nouns']).find((one) => one.plural.toLowerCase() === tag.toLowerCase());
  return noun?.label?.[page.language] || tag;
}

function showNouns() {
  const wanted = at('find').value.toLowerCase();
  const groups = new Map();
  for (const one of operations()) {
    const text = `${one.path} ${one.operation.operationId} ${labelOf(one.operation, '')} ${titleOf(one.operation.tags[0])}`;
    if (!text.toLowerCase().includes(wanted)) continue;
    const tag = one.operation.tags[0];
    groups.set(tag, [...(groups.get(tag) || []), one]);
  }
  const link = (href, ...children) => element('li', {}, element('a', { href, 'aria-current': location.hash === href && 'page' }, ...children));
  at('nouns').replaceChildren(
    ...[...groups].flatMap(([tag, found]) => [
      element('h2', {}, titleOf(tag)),
      element('ul', {}, ...found.map(({ method, operation }) => link(`#${operation.operationId}`,
        element('span', { class: 'method' }, method.toUpperCase()), ' ', labelOf(operation, operation.operationId)))),
    ]),
    element('h2', {}, say('schemas')), element('ul', {}, link('#reasons', say('reasons')),
      ...Object.keys(api.components.schemas).filter((name) => name.toLowerCase().includes(wanted)).map((name) => link(`#shape:${name}`, name))));
}

function showOperation({ path, method, operation }) {
  const given = operation.parameters || [];
  const body = operation.requestBody?.content['application/json'].schema;
  const reply = Object.values(operation.responses['200']?.content || {})[0]?.schema;
  return [
    element('h1', {}, labelOf(operation, operation.operationId)),
    element('p', { class: 'path' }, element('span', { class: 'method' }, method.toUpperCase()), ' ', path),
    element('p', { class: 'said', lang: 'en' }, operation.description),
    element('p', { class: 'quiet' }, operation['x-kith-permission'] ? `${say('permission')} ${operation['x-kith-permission']}` : operation.security?.length === 0 ? say('open') : ''),
    ...(given.length ? [element('h2', {}, say('parameters')), table(given.map((one) => row(one.name, one.schema, one.description, one.required)))] : []),
    ...(body ? [element('h2', {}, say('body'), ' ', kind(body)), fields(api, body)] : []),
    ...(reply ? [element('h2', {}, say('answer'), ' ', kind(reply)), fields(api, reply)] : []),
    element('h2', {}, say('tryIt')), attempt(api, path, method, operation),
  ];
}

function showShape(name) {
  const schema = api.components.schemas[name];
  return schema && [element('h1', {}, labelOf(schema, name)), element('p', { class: 'said', lang: 'en' }, schema.description || ''), fields(api, schema)];
}

function reasons() {
  return Object.entries(api['x-kith-reasons']).flatMap(([domain, said]) =>
    Object.entries(said).map(([reason, label]) => ({ domain, reason, label })));
}

function showReasons() {
  const rows = reasons().map(({ domain, reason, label }) =>
    element('tr', { class: reason }, element('td', {}, reason), element('td', {}, domain), element('td', {}, label[page.language])));
  return [element('h1', {}, say('reasons')), element('table', {}, element('tbody', {}, ...rows))];
}

function showMain() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const found = operations().find(({ operation }) => operation.operationId === wanted);
  const known = reasons().some(({ reason }) => reason === wanted);
  const shown = found ? showOperation(found) : known || wanted === 'reasons' ? showReasons() : wanted.startsWith('shape:') && showShape(wanted.slice(6));
  at('main').replaceChildren(...(shown || [element('h1', {}, 'Kith API'), element('p', {}, say('welcome')),
    element('p', {}, element('a', { href: '/asyncapi.json' }, say('events')))]));
  if (known) at('main').getElementsByClassName(wanted)[0].scrollIntoView();
  else at('main').scrollTo(0, 0);
}

function showWho() {
  if (email) {
    at('who').replaceChildren(email, ' ', element('button', { type: 'button', onclick: () => signOut().then(showWho) }, say('signOut')));
    return;
  }
  const known = { email: 'username', password: 'current-password', tenant: 'organization' };
  const input = (name, type) => element('input', {
    name, type, autocomplete: known[name], 'aria-label': say(name), placeholder: say(name), required: name !== 'tenant',
  });
  const form = element('form', {
    onsubmit: async (event) => {
      event.preventDefault();
      const reply = await signIn(Object.fromEntries(new FormData(form)));
      if (reply.ok) showWho();
      else form.append(element('span', { role: 'alert' }, (await reply.json()).title));
    },
  }, input('email', 'email'), ' ', input('password', 'password'), ' ', input('tenant', 'text'), ' ', element('button', {}, say('signIn')));
  at('who').replaceChildren(form);
}

function show() {
  document.documentElement.lang = page.language;
  for (const one of document.querySelectorAll('[data-says]')) one.textContent = say(one.dataset.says);
  at('language').textContent = say('other');
  at('language').lang = say('otherCode');
  showNouns();
  showMain();
  showWho();
}

async function begin() {
  const [reply] = await Promise.all([fetch('/openapi.json', { headers: { 'accept-language': page.language } }), look().catch(() => {})]);
  if (!reply.ok) throw new Error(String(reply.status));
  api = await reply.json();
  show();
  at('find').addEventListener('input', showNouns);
  addEventListener('hashchange', () => { showNouns(); showMain(); });
  at('language').addEventListener('click', () => {
    page.language = say('otherCode');
    localStorage.setItem('kith.language', page.language);
    show();
  });
}

begin().catch(() => at('main').replaceChildren(say('failed')));
