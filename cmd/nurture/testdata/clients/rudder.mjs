// Sends an NDJSON file of Segment events with the real @rudderstack/rudder-sdk-node,
// which gzips a batch and labels it as a form.
import { argumentsOf, eventsOf, need, Count } from './harness.mjs';

const RudderAnalytics = need('@rudderstack/rudder-sdk-node');

const args = argumentsOf({
  url: undefined, // http://127.0.0.1:8080
  key: undefined,
  file: undefined,
  'in-flight': 400, // its queue is read from front to back for each event, so short
  'flush-at': 20,
  'flush-interval': 200, // milliseconds until a batch that is not full goes
  retries: 1000,
  every: 1000, // events between two lines of progress
});

const count = new Count({ inFlight: args['in-flight'], every: args.every });
const analytics = new RudderAnalytics(args.key, {
  dataPlaneUrl: args.url,
  flushAt: args['flush-at'],
  flushInterval: args['flush-interval'],
  retryCount: args.retries,
  axiosRetryConfig: {
    retryDelay: (attempt) => Math.min(2000, 100 * 2 ** attempt),
    onRetry: () => count.retries++,
  },
  errorHandler: () => {}, // each event's own callback has it already
  logLevel: 'error',
});
analytics.logger.error = () => {}; // it would print every try that failed
analytics.axiosInstance.interceptors.request.use((request) => {
  count.requests++;
  return request;
});

for await (const event of eventsOf(args.file)) {
  // Its callers give originalTimestamp; it never sends a timestamp of its own.
  const { type, timestamp, ...call } = event;
  await count.room();
  analytics[type]({ ...call, originalTimestamp: timestamp }, (error) => count.back(error));
}
const flushing = setInterval(() => analytics.flush().catch(() => {}), args['flush-interval']);
await count.all();
clearInterval(flushing);
count.end();
