// Parses the AsyncAPI document on stdin; prints what it objects to, and which channels and messages it found.
const { Parser } = require('@asyncapi/parser');

new Parser().parse(require('node:fs').readFileSync(0, 'utf8')).then(({ document, diagnostics }) => {
  const names = (all) => all.map((one) => one.id());
  console.log(JSON.stringify({
    objections: diagnostics.map((one) => `${one.code} ${one.path.join('.')}: ${one.message}`),
    channels: document ? names(document.channels().all()) : [],
    messages: document ? names(document.components().messages().all()) : [],
    sent: document ? document.operations().filterBySend().flatMap((one) => names(one.channels().all())) : [],
  }));
});
