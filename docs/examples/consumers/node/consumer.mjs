// Prints what happens to opportunities, each event once however often it comes. contract.binpb: GET /contract.binpb
//   npm install && KITH_KAFKA=127.0.0.1:9092 node consumer.mjs
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Consumer } from '@platformatic/kafka';

const told = (name, otherwise) => process.env[name] || otherwise;
const contract = fromBinary(FileDescriptorSetSchema, readFileSync(told('KITH_CONTRACT', 'contract.binpb')));
const OpportunityEvent = createFileRegistry(contract).getMessage('kith.sales.v1.OpportunityEvent');

const effects = told('KITH_EFFECTS', 'effects.tsv'); // an effect and the id of its event are one line
const lines = existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n') : [];
const known = new Set(lines.map((line) => line.split('\t')[2]));

const consumer = new Consumer({
  clientId: 'example',
  groupId: told('KITH_GROUP', 'example-node'),
  bootstrapBrokers: told('KITH_KAFKA', '127.0.0.1:9092').split(','),
});
const topics = ['kith.sales.v1', 'kith.sales.bulk.v1'];
const stream = await consumer.consume({ topics, mode: 'committed', fallbackMode: 'earliest', autocommit: false });

for await (const message of stream) {
  const headers = Object.fromEntries([...message.headers].map(([name, value]) => [`${name}`, `${value}`]));
  if (headers.ce_type.startsWith('kith.sales.opportunity.') && !known.has(headers.ce_id)) {
    const event = fromBinary(OpportunityEvent, message.value);
    const line = [headers.ce_type, headers.ce_tenantid, headers.ce_id, event.after.displayName].join('\t');
    appendFileSync(effects, line + '\n');
    known.add(headers.ce_id);
    console.log(line);
  }
  await message.commit(); // only now
}
