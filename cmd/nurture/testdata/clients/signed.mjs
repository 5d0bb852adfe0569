// Sends an NDJSON file of Segment events as webhooks that the real npm package
// standardwebhooks signs, and tries again for as long as the server is away.
import { setTimeout as wait } from 'node:timers/promises';
import { argumentsOf, eventsOf, need, Count } from './harness.mjs';

const { Webhook } = need('standardwebhooks');

const args = argumentsOf({
  url: undefined, // http://127.0.0.1:8080/v1/source/forms
  key: undefined, // whsec_…
  file: undefined,
  every: 1000,
});

const count = new Count({ inFlight: 50, every: args.every });
const webhook = new Webhook(args.key);

async function send(call) {
  const body = JSON.stringify({ type: 'form.submitted', sent_at: call.timestamp, contact: { id: call.userId } });
  for (;;) {
    const now = new Date();
    count.requests++;
    const status = await fetch(args.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': call.messageId,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': webhook.sign(call.messageId, now, body),
      },
      body,
    }).then(async (response) => {
      await response.arrayBuffer();
      return response.status;
    }).catch(() => 0);
    if (status >= 200 && status < 300) return undefined;
    if (status !== 0 && status !== 429 && status < 500) return new Error(`status ${status}`);
    count.retries++;
    await wait(100);
  }
}

for await (const call of eventsOf(args.file)) {
  await count.room();
  void send(call).then((error) => count.back(error));
}
await count.all();
count.end();
