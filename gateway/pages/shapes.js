// Schemas as tables, and an example of each to begin from.
import { element, labelOf, say } from './words.js';

const nameOf = (schema) => schema?.$ref?.split('/').pop();
export const resolved = (api, schema) => (schema?.$ref ? api.components.schemas[nameOf(schema)] : schema) || {};

export function kind(schema) {
  if (!schema) return '';
  if (schema.$ref) return element('a', { href: `#shape:${nameOf(schema)}` }, nameOf(schema));
  if (schema.allOf) return kind(schema.allOf[0]);
  if (schema.type === 'array') return element('span', {}, kind(schema.items), '[]');
  if (schema.enum) return 'enum';
  return [schema.type].flat().filter(Boolean).join(' | ') + (schema.format ? ` (${schema.format})` : '');
}

function notes(schema, needed) {
  const limits = ['minLength', 'maxLength', 'minimum', 'maximum', 'pattern', 'minItems', 'maxItems'];
  const said = limits.filter((name) => schema[name] !== undefined && !(schema.format === 'int32' && name.endsWith('imum')));
  return [
    needed && say('needed'), schema.readOnly && say('readOnly'), schema['x-kith-immutable'] && say('immutable'),
    schema['x-kith-sortable'] && say('sortable'), schema['x-kith-searchable'] && say('searchable'),
    schema['x-kith-reference'] && `${say('refers')} ${schema['x-kith-reference']}`,
    ...said.map((name) => `${name} ${schema[name]}`),
    schema.enum && `${say('values')}: ${schema.enum.map((one) => labelled(schema, one)).join(', ')}`,
  ].filter(Boolean).join(' · ');
}

const labelled = (schema, one) => {
  const label = labelOf({ 'x-kith-label': schema['x-kith-labels']?.[one] });
  return label ? `${one} (${label})` : one;
};

export function table(rows) {
  const head = ['name', 'kind', 'says'].map((key) => element('th', { scope: 'col' }, say(key)));
  return element('table', {}, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...rows));
}

export function row(name, schema, says, needed) {
  const label = labelOf(schema);
  const meaning = element('td', {}, element('p', { class: 'said' }, [label, says].filter(Boolean).join(' — ')),
    element('span', { class: 'quiet' }, notes(schema, needed)));
  return element('tr', {}, element('td', {}, name), element('td', {}, kind(schema)), meaning);
}

export function fields(api, schema) {
  const found = resolved(api, schema?.allOf ? schema.allOf[0] : schema);
  const rows = Object.entries(found.properties || {});
  if (!rows.length) return element('p', {}, kind(schema));
  return table(rows.map(([name, one]) => row(name, one, one.description, found.required?.includes(name))));
}

export function example(api, schema, depth = 0) {
  const found = resolved(api, schema);
  if (found.enum) return found.enum[1] ?? found.enum[0];
  if (found.type === 'array') return [];
  if (found.properties) {
    const wanted = Object.entries(found.properties).filter(([name, one]) => !one.readOnly && !one['x-kith-migrate'] && name !== 'etag');
    const shown = wanted.filter(([name]) => depth === 0 || found.required?.includes(name) || depth < 2);
    return Object.fromEntries(shown.map(([name, one]) => [name, example(api, one, depth + 1)]));
  }
  return { string: '', integer: 0, number: 0, boolean: false, object: {} }[[found.type].flat()[0]] ?? null;
}
