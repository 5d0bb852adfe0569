// Verifies recorded webhooks with the real npm package standardwebhooks: a line
// of the file is {"headers": {"webhook-id": …}, "body": "…", "at": MILLISECONDS}, where
// at is when it came. It prints how many hold and why the others do not.
import { argumentsOf, eventsOf, need } from './harness.mjs';

const { Webhook } = need('standardwebhooks');

const args = argumentsOf({ secret: undefined, file: undefined });
const webhook = new Webhook(args.secret);
const result = { verified: 0, rejected: 0, reasons: {} };

for await (const { headers, body, at } of eventsOf(args.file)) {
  Date.now = () => at; // by which the package sees whether it comes in time
  try {
    webhook.verify(body, headers);
    result.verified++;
  } catch (error) {
    result.rejected++;
    result.reasons[error.message] = (result.reasons[error.message] ?? 0) + 1;
  }
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.rejected === 0 ? 0 : 1;
