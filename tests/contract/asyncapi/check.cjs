// Parses each AsyncAPI document of the list on stdin; prints what it objects to, and which channels and messages it found.
const { Parser } = require('@asyncapi/parser');

const names = (all) => all.map((one) => one.id());
const judge = async (text) => {
  const { document, diagnostics } = await new Parser().parse(text);
  return {
    objections: diagnostics.map((one) => `${one.code} ${one.path.join('.')}: ${one.message}`),
    channels: document ? names(document.channels().all()) : [],
    messages: document ? names(document.components().messages().all()) : [],
    sent: document ? document.operations().filterBySend().flatMap((one) => names(one.channels().all())) : [],
  };
};

Promise.all(JSON.parse(require('node:fs').readFileSync(0, 'utf8')).map(judge)).then((all) => console.log(JSON.stringify(all)));
