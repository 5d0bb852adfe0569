// Sends an NDJSON file of Segment events as CloudEvents with the real npm package
// cloudevents: binary and structured in turns. The package sends once and leaves
// it to its caller to try again; so this tries again for as long as the server is
// away or busy.
import { setTimeout as wait } from 'node:timers/promises';
import { argumentsOf, eventsOf, need, Count } from './harness.mjs';

const { CloudEvent, HTTP, Mode, emitterFor } = need('cloudevents');

const args = argumentsOf({
  url: undefined, // http://127.0.0.1:8080/v1/source/bus
  key: undefined,
  file: undefined,
  every: 1000,
});

const count = new Count({ inFlight: 50, every: args.every });

// The package's own transport takes an answer of any status for delivered, so this
// one tells the status; the message is as the package made it.
async function transport({ headers, body }) {
  const response = await fetch(args.url, { method: 'POST', headers: { ...headers, authorization: `Bearer ${args.key}` }, body });
  await response.arrayBuffer();
  return response.status;
}
const emitters = [Mode.BINARY, Mode.STRUCTURED].map((mode) => emitterFor(transport, { binding: HTTP, mode }));

async function send(event, emit) {
  for (;;) {
    count.requests++;
    const status = await emit(event).catch(() => 0);
    if (status >= 200 && status < 300) return undefined;
    if (status !== 0 && status !== 429 && status < 500) return new Error(`status ${status}`);
    count.retries++;
    await wait(100);
  }
}

let number = 0;
for await (const call of eventsOf(args.file)) {
  await count.room();
  const event = new CloudEvent({
    id: call.messageId, source: '/test', type: call.event, subject: call.userId, time: call.timestamp, data: call.properties,
  });
  void send(event, emitters[number++ % 2]).then((error) => count.back(error));
}
await count.all();
count.end();
