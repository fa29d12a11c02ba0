// "Try it": one operation sent with this page's session.
import { element, say } from './words.js';
import { example } from './shapes.js';
import { send } from './session.js';

export function attempt(api, path, method, operation) {
  if (operation.responses['200']?.content?.['text/event-stream']) return element('p', {}, say('stream'));
  const inputs = (operation.parameters || []).map((one) => [one, element('input', { id: `try-${one.name}`, name: one.name })]);
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema && element('textarea', { 'aria-label': say('body'), spellcheck: 'false' });
  if (body) body.value = JSON.stringify(example(api, schema), null, 2);
  const shown = element('pre', { role: 'status', hidden: true });
  const sent = async (event) => {
    event.preventDefault();
    const reply = await send(method.toUpperCase(), address(path, inputs), body?.value, headers(inputs));
    shown.hidden = false;
    shown.textContent = `${reply.status} ${reply.statusText}\n${told(reply)}\n\n${pretty(await reply.text())}`;
  };
  return element('form', { class: 'fields', onsubmit: sent },
    ...inputs.flatMap(([one, input]) => [element('label', { for: input.id }, one.name), input]),
    ...(body ? [element('div', { class: 'wide' }, body)] : []),
    element('div', { class: 'wide' }, element('button', { class: 'go' }, say('send'))),
    element('div', { class: 'wide' }, shown));
}

function address(path, inputs) {
  const given = inputs.filter(([, input]) => input.value !== '');
  const filled = given.filter(([one]) => one.in === 'path')
    .reduce((so, [one, input]) => so.replace(`{${one.name}}`, encodeURIComponent(input.value)), path);
  const query = new URLSearchParams(given.filter(([one]) => one.in === 'query').flatMap(([one, input]) =>
    (one.schema.type === 'array' ? input.value.split(',') : [input.value]).map((value) => [one.name, value])));
  return query.size ? `${filled}?${query}` : filled;
}

const headers = (inputs) => Object.fromEntries(
  inputs.filter(([one, input]) => one.in === 'header' && input.value !== '').map(([one, input]) => [one.name, input.value]));

const told = (reply) => ['etag', 'x-request-id', 'ratelimit', 'retry-after']
  .filter((name) => reply.headers.has(name)).map((name) => `${name}: ${reply.headers.get(name)}`).join('\n');

function pretty(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
