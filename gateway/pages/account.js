// Signing in, and what links in mails lead to: one page that looks at its own address.
import { element, page } from './words.js';
import { words } from './account-words.js';
import { look, send, signOut } from './session.js';
import { secondFactor } from './second-factor.js';

const main = document.getElementById('main');
const path = location.pathname;
const token = location.hash.slice(1);
if (token) history.replaceState(null, '', path); // out of the history and out of sight
export const say = (key) => words[page.language][key];

export function show(...children) {
  document.documentElement.lang = page.language === 'zh' ? 'zh-CN' : 'en';
  document.title = `${say(path)} · Kith`;
  const other = element('button', { type: 'button', class: 'link', lang: say('otherCode'), onclick: turn }, say('other'));
  main.replaceChildren(element('h1', {}, say(path)), ...children, element('footer', {}, other));
}

function turn() {
  page.language = say('otherCode');
  localStorage.setItem('kith.language', page.language);
  forms[path]();
}

export function field(name, label, attributes = {}, rule = '') {
  const input = element('input', { name, id: name, required: true, ...attributes });
  return element('label', {}, label, input, ...(rule ? [element('small', {}, rule)] : []));
}

// A form that sends its fields and either goes on or says why not.
export function form(button, address, more, next, ...fields) {
  const alert = element('p', { role: 'alert' });
  const submit = element('button', {}, button);
  const sent = async (event) => {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value !== ''));
    submit.disabled = true;
    alert.textContent = '';
    try {
      const reply = await send('POST', address, { ...given, ...more }, { 'accept-language': page.language });
      const said = await reply.json();
      if (reply.ok) await next(said, given);
      else refuse(said, alert, event.target);
    } catch { alert.textContent = say('failed'); }
    submit.disabled = false;
  };
  return element('form', { onsubmit: sent }, ...fields, alert, submit);
}

function refuse(problem, alert, shown) {
  alert.textContent = problem.title;
  if (problem.reason !== 'TENANT_NEEDED' || shown.elements.tenant) return;
  shown.insertBefore(field('tenant', say('tenant'), { autocomplete: 'organization' }, say('tenantRule')), alert);
  shown.elements.tenant.focus();
}

const link = (href, key) => element('p', {}, element('a', { href }, say(key)));
const done = (key, more = '') => show(element('p', { role: 'status' }, say(key), more), link('/sign-in', 'signIn'));
const email = (key = 'email') => field('email', say(key), { type: 'email', autocomplete: 'username' });
const chosen = () => field('password', say('newPassword'), { type: 'password', autocomplete: 'new-password', minlength: 12 }, say('rule'));
const linked = (made) => () => (token ? show(made()) : show(element('p', {}, say('noLink')), link('/sign-in', 'signIn')));

export function onwards() {
  const next = new URLSearchParams(location.search).get('next') || '/';
  location.assign(new URL(next, location.origin).origin === location.origin ? next : '/');
}

const forms = {
  '/sign-in': () => show(form(say('signIn'), '/v1/session', {}, async () => {
    const who = await look();
    if (who.principal?.secondFactorDue) location.assign(`/second-factor${location.search}`);
    else onwards();
  }, email(), field('password', say('password'), { type: 'password', autocomplete: 'current-password' })), link('/forgot', '/forgot')),
  '/forgot': () => show(form(say('send'), '/v1/session:requestPasswordReset', {}, () => done('sent'), email()), link('/sign-in', 'signIn')),
  '/reset': linked(() => form(say('save'), '/v1/session:resetPassword', { token }, () => done('changed'), chosen())),
  '/invitation': linked(() => form(say('accept'), '/v1/session:acceptInvitation', { token }, (said) => done('welcome', ` ${said.email}`),
    field('displayName', say('name'), { required: false, autocomplete: 'name' }), chosen())),
  '/confirm-email': linked(() => form(say('confirm'), '/v1/session:confirmEmailChange', { token }, () => done('confirmed'))),
  '/second-factor': () => secondFactor(async () => { await signOut(); location.assign('/sign-in'); }),
};
forms[path]();
