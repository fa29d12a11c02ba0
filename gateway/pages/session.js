// Who is signed in on this page, and requests that prove they were written here.
let csrf = '';
export let email = '';

export async function look() {
  const reply = await fetch('/v1/session');
  const said = reply.ok ? await reply.json() : {};
  csrf = said.csrfToken || '';
  email = said.email || said.displayName || '';
  return said;
}

export async function signIn(given) {
  const reply = await send('POST', '/v1/session', given);
  await look();
  return reply;
}

export async function signOut() {
  await send('DELETE', '/v1/session');
  await look();
}

export async function send(method, path, body, more = {}) {
  const headers = { ...more };
  if (method !== 'GET' && csrf) headers['x-kith-csrf'] = csrf;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(path, { method, headers, body: text });
}
