// The second step of signing in: a code, or, where there is no second factor yet, adding one.
import { element, page } from './words.js';
import { field, form, onwards, say, show } from './account.js';
import { look, send } from './session.js';

export async function secondFactor(leave) {
  const who = await look();
  const out = element('p', {}, element('button', { type: 'button', class: 'link', onclick: leave }, say('signOut')));
  if (!who.principal) location.assign('/sign-in');
  else if (!who.principal.secondFactorDue) onwards();
  else if (who.mfaMethods?.length) show(form(say('verify'), '/v1/session:verifyMfa', {}, onwards, code(say('codeRule'), {})), out);
  else await enrol(out);
}

const digits = { inputmode: 'numeric', pattern: '[0-9 ]{6,7}' };
const code = (rule, more) => field('code', say('code'), { autocomplete: 'one-time-code', spellcheck: 'false', ...more }, rule);

async function enrol(out) {
  const reply = await send('POST', '/v1/session:enrollMfa', {}, { 'accept-language': page.language });
  const said = await reply.json();
  if (!reply.ok) return show(element('p', { role: 'alert' }, said.title), out);
  const key = said.secret.replace(/(.{4})(?=.)/g, '$1 ');
  return show(
    element('p', {}, say('enrol')),
    element('p', {}, `${say('key')} `, element('code', {}, key)),
    element('p', {}, element('a', { href: said.uri }, say('open'))),
    form(say('turnOn'), '/v1/session:confirmMfa', {}, (told) => keep(told.recoveryCodes), code(say('sixDigits'), digits)), out);
}

function keep(codes) {
  show(element('h2', {}, say('recovery')), element('p', {}, say('recoveryRule')),
    element('ul', { class: 'codes' }, ...codes.map((one) => element('li', {}, one))),
    element('p', {}, element('button', { type: 'button', onclick: onwards }, say('goOn'))));
}
