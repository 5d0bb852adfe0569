// Sends an NDJSON file of Segment events with the real @segment/analytics-node,
// which batches by 15 and sends batches side by side, and goes on trying for as
// long as the server is away.
import { argumentsOf, eventsOf, need, Count } from './harness.mjs';

const { Analytics } = need('@segment/analytics-node');

const args = argumentsOf({
  url: undefined, // http://127.0.0.1:8080
  key: undefined,
  file: undefined,
  'in-flight': 2000, // events handed over that have not come back
  'flush-at': 15,
  'flush-interval': 200, // milliseconds until a batch that is not full goes
  retries: 1000,
  every: 1000, // events between two lines of progress
});

const count = new Count({ inFlight: args['in-flight'], every: args.every });
const analytics = new Analytics({
  writeKey: args.key,
  host: args.url,
  flushAt: args['flush-at'],
  flushInterval: args['flush-interval'],
  maxRetries: args.retries,
});
analytics.on('error', () => {}); // each event's own callback has it already
analytics.on('http_request', ({ headers }) => {
  count.requests++;
  if (headers['X-Retry-Count']) count.retries++;
});

for await (const event of eventsOf(args.file)) {
  const { type, ...call } = event;
  await count.room();
  analytics[type](call, (error) => count.back(error));
}
await count.all();
await analytics.closeAndFlush();
count.end();
