// What the drivers share: their arguments, the events they send, and the lines
// they print.
//
// A driver runs in the folder where its packages are installed, which is not the
// one it stands in; so it asks for them by need(), not by import.
import { createReadStream, openSync, readSync, closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { parseArgs } from 'node:util';
import { join } from 'node:path';

// need gives an installed package.
export const need = createRequire(join(process.cwd(), 'driver.cjs'));

// argumentsOf reads --name value pairs. wanted gives each name its default;
// undefined means that it has to be given.
export function argumentsOf(wanted) {
  const options = Object.fromEntries(Object.keys(wanted).map((name) => [name, { type: 'string' }]));
  let values;
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    usage(error.message);
  }
  for (const [name, fallback] of Object.entries(wanted)) {
    values[name] ??= fallback;
    if (values[name] === undefined) usage(`--${name} is missing`);
    if (typeof fallback === 'number') {
      values[name] = Number(values[name]);
      if (!Number.isFinite(values[name])) usage(`--${name} takes a number`);
    }
  }
  return values;
}

function usage(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

// eventsOf yields the objects of an NDJSON file, gzipped or not.
export async function* eventsOf(path) {
  let input = createReadStream(path);
  if (isGzip(path)) input = input.pipe(createGunzip());
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line.trim() !== '') yield JSON.parse(line);
  }
}

function isGzip(path) {
  const file = openSync(path);
  const magic = Buffer.alloc(2);
  readSync(file, magic, 0, 2, 0);
  closeSync(file);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

// Count keeps the books: what was handed to the client, what it called delivered
// and what it gave up, and holds the feeding back while too much is under way. It
// prints a line whenever so many more have come back, so that a test knows when
// it is in the middle.
export class Count {
  constructor({ inFlight, every }) {
    Object.assign(this, { inFlight, every, sent: 0, delivered: 0, failed: 0, requests: 0, retries: 0 });
    this.reasons = {};
    this.waiting = [];
  }

  // room resolves when one more event may be handed to the client.
  async room() {
    while (this.sent - this.delivered - this.failed >= this.inFlight) {
      await new Promise((resolve) => this.waiting.push(resolve));
    }
    this.sent++;
  }

  // back is called with the client's verdict about one event.
  back(error) {
    if (error) {
      this.failed++;
      const reason = String(error.message ?? error);
      this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    } else {
      this.delivered++;
    }
    if ((this.delivered + this.failed) % this.every === 0) this.print(false);
    this.waiting.splice(0).forEach((resolve) => resolve());
  }

  // all resolves when every event has come back.
  async all() {
    while (this.delivered + this.failed < this.sent) {
      await new Promise((resolve) => this.waiting.push(resolve));
    }
  }

  print(done) {
    const { sent, delivered, failed, requests, retries, reasons } = this;
    process.stdout.write(`${JSON.stringify({ done, sent, delivered, failed, requests, retries, reasons })}\n`);
  }

  // end prints the last line and ends the process: 0 when nothing was given up.
  end() {
    this.print(true);
    process.exitCode = this.failed === 0 ? 0 : 1;
  }
}
