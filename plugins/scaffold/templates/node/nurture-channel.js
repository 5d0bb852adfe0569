// What a channel plugin in Node.js needs to speak nurture's protocol channel.v1.
//
// A host starts the program, reads one handshake line from its standard output,
// configures it and streams actions to it. What the program prints after that goes
// to standard error, which is the host's log. Never log what an action's parts hold.
'use strict'

const path = require('node:path')
const grpc = require('@grpc/grpc-js')
const protoLoader = require('@grpc/proto-loader')

const COOKIE = ['NURTURE_CHANNEL_PLUGIN', '5c1f0b2e0d1a4a0c9a53']
const PROTOCOL = '1'
const MAX_MESSAGE = 64 << 20

const clean = text => String(text).slice(0, 500)

// What became of an action.

// accepted: the service took it; providerId is the service's own name for it.
const accepted = (providerId = '') => ({ done: { provider_id: clean(providerId) } })

// again: it was certainly not done, and may be later; 0 seconds: the usual back-off.
const again = (seconds, code, detail) => ({ retry: { after_ms: String(Math.round(seconds * 1000)), code: clean(code), detail: clean(detail) } })

// refuse: it was not done, and asking again would not help.
const refuse = (code, detail) => ({ refused: { code: clean(code), detail: clean(detail) } })

// uncertain: it may have been done.
const uncertain = (code, detail) => ({ unknown: { code: clean(code), detail: clean(detail) } })

// wrong is what configure returns in a list: the setting at path is not accepted.
const wrong = (path, en, ja = en) => ({ path, en, ja })

// What the service tells of by itself, or when it is asked.

// fact is something that happened: an event that the description declares. The id
// names it for ever: the same id counts once. at is a Date, none is now. Whom it is
// about is the first that is given and known: token or action (the key of what we
// sent), lead, user, email, or attribute and value.
const fact = ({ id, event, at, fields = {}, ...about }) => ({
  id: String(id),
  event,
  at_ms: String(at ? at.getTime() : 0),
  ...about,
  fields: Object.entries(fields).filter(([, v]) => v !== undefined && v !== null).map(([name, v]) => ({ name, ...field(v) }))
})

const field = v => ({ string: { text: v }, number: { number: v }, boolean: { flag: v } }[typeof v] || { json: JSON.stringify(v) })

// reply is the answer to a request of the service. The facts are durable before it
// goes out.
const reply = (status = 200, facts = [], body = '', headers = {}) => ({
  status, facts, body: Buffer.from(body), headers: Object.entries(headers).map(([name, value]) => ({ name, value: String(value) }))
})

// Inbox is where listen leaves what it has fetched. signal ends when it is time to
// return; cursor is that of the last accept, kept over restarts, '' for none.
class Inbox {
  constructor (call, cursor, signal) {
    this.call = call
    this.cursor = cursor
    this.signal = signal
    this.batch = 0
    this.waiting = new Map()
  }

  // accept resolves when the facts are durable, and with them the cursor.
  async accept (facts, cursor) {
    if (this.signal.aborted) throw new Error('the host is gone')
    const batch = String(++this.batch)
    const kept = await new Promise(resolve => {
      this.waiting.set(batch, resolve)
      this.call.write({ batch, facts, cursor })
    })
    if (!kept) throw new Error('the facts were not kept')
    this.cursor = cursor
  }

  // wait resolves after so many seconds, or with true when it is time to return.
  wait (seconds) {
    return new Promise(resolve => {
      const over = () => { clearTimeout(timer); resolve(true) }
      const timer = setTimeout(() => { this.signal.removeEventListener('abort', over); resolve(false) }, seconds * 1000)
      if (this.signal.aborted) over()
      else this.signal.addEventListener('abort', over, { once: true })
    })
  }

  answered (answer) {
    const resolve = this.waiting.get(answer.batch)
    this.waiting.delete(answer.batch)
    if (resolve) resolve(answer.accepted)
  }

  leave () {
    for (const resolve of this.waiting.values()) resolve(false)
    this.waiting.clear()
  }
}

// listening serves one Listen stream.
function listening (call, listen) {
  const stop = new AbortController()
  let inbox
  const leave = () => { stop.abort(); if (inbox) inbox.leave() }
  const run = async cursor => {
    inbox = new Inbox(call, cursor, stop.signal)
    try {
      await listen(inbox)
    } catch (error) { // its message may hold personal data
      if (!stop.signal.aborted) return call.emit('error', { code: grpc.status.UNAVAILABLE, details: 'listen failed with ' + error.name })
    }
    call.end()
  }
  call.on('data', request => {
    if (!inbox) run(request.start ? request.start.cursor : '')
    else if (request.answer) inbox.answered(request.answer)
  })
  call.on('end', leave)
  call.on('cancelled', leave)
  call.on('error', () => {})
}

// receiving hands a request of the service to its author's function.
async function receiving (request, receive, answer) {
  const headers = Object.fromEntries(request.headers.map(h => [h.name.toLowerCase(), h.value]))
  try {
    answer(null, await receive({ method: request.method, path: request.path, url: request.url, headers, body: request.body }))
  } catch (error) {
    answer({ code: grpc.status.UNAVAILABLE, details: 'receive failed with ' + error.name })
  }
}

// Action is one finished message: nothing is left to render or to decide.
class Action {
  constructor (message) {
    this.id = message.id
    this.key = message.key // idempotency key: the same on every attempt
    this.kind = message.kind
    this.lead = message.lead
    this.attempt = message.attempt
    this.timeout = Number(message.timeout_ms) || 30_000
    this.parts = {}
    for (const part of message.parts) {
      this.parts[part.name] = part.value === 'json' ? JSON.parse(part.json) : part[part.value]
    }
  }

  // text is the part of that name, '' where there is none or it is no text.
  text (name) {
    return typeof this.parts[name] === 'string' ? this.parts[name] : ''
  }
}

// Settings, checked by the description.

const isObject = v => typeof v === 'object' && v !== null && !Array.isArray(v)
const isText = v => typeof v === 'string'
const fits = {
  text: isText,
  template: isText,
  number: v => typeof v === 'number',
  flag: v => typeof v === 'boolean',
  duration: v => isText(v) && /^((\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+|\d+(\.\d+)?d)$/.test(v),
  list: v => Array.isArray(v) && v.every(isText),
  map: v => isObject(v) && Object.values(v).every(isText),
  block: isObject,
  object: () => true
}

// checkConfig says what is wrong with the values, and gives them with the defaults
// filled in.
function checkConfig (attributes, values, prefix = '') {
  const problems = []
  const complete = {}
  for (const name of Object.keys(values)) {
    if (!attributes.some(a => a.name === name)) {
      problems.push(wrong(prefix + name, `Unknown attribute ${name}`, `「${name}」という設定はありません`))
    }
  }
  for (const a of attributes) {
    const value = values[a.name]
    const at = prefix + a.name
    if (value === undefined || value === null) {
      if (a.required) problems.push(wrong(at, `${a.name} is missing`, `「${a.name}」がありません`))
      else if (a.default !== undefined) complete[a.name] = a.default
    } else if (!fits[a.type](value)) {
      problems.push(wrong(at, `${a.name} must be of the type ${a.type}`, `「${a.name}」の型は ${a.type} です`))
    } else if (a.choices && !a.choices.includes(value)) {
      problems.push(wrong(at, `${a.name} is one of ${a.choices.join(', ')}`, `「${a.name}」は ${a.choices.join('、')} のどれかです`))
    } else if (a.type === 'block') {
      const inner = checkConfig(a.attributes || [], value, at + '.')
      problems.push(...inner.problems)
      complete[a.name] = inner.complete
    } else {
      complete[a.name] = value
    }
  }
  return { problems, complete }
}

// Turns lets a bounded number of actions be under way at the same time.
class Turns {
  constructor (limit) {
    this.free = limit
    this.waiting = []
  }

  async take () {
    if (this.free > 0) {
      this.free--
      return
    }
    await new Promise(resolve => this.waiting.push(resolve))
  }

  give () {
    const next = this.waiting.shift()
    if (next) next()
    else this.free++
  }
}

// deliver serves one stream of actions: each gets exactly one result.
function deliver (call, act, turns) {
  const open = new Map() // id -> end, which abandons the action
  let ended = false
  const finish = () => { if (ended && open.size === 0) call.end() }
  const answer = (id, outcome) => {
    if (!open.delete(id)) return // it has its answer
    call.write({ results: [{ id, ...outcome }] })
    finish()
  }
  const take = async action => {
    const stop = new AbortController()
    let started = false
    const timer = setTimeout(() => {
      answer(action.id, started ? uncertain('timeout', 'no answer in time') : again(0, 'busy', 'its time was over before its turn came'))
      stop.abort()
    }, action.timeout)
    open.set(action.id, () => { clearTimeout(timer); stop.abort() })
    await turns.take()
    try {
      if (!open.has(action.id)) return
      started = true
      answer(action.id, await act(action, stop.signal))
    } catch (error) { // its message may hold personal data: it is not logged
      console.error('act failed with %s\n%s', error.name, String(error.stack).split('\n').filter(line => /^\s+at /.test(line)).join('\n'))
      answer(action.id, uncertain('error', error.name))
    } finally {
      clearTimeout(timer)
      turns.give()
    }
  }
  call.on('data', request => { for (const message of request.actions) take(new Action(message)) })
  call.on('end', () => { ended = true; finish() })
  call.on('error', () => {})
  call.on('cancelled', () => {
    for (const end of open.values()) end()
    open.clear()
  })
}

// raw is a service of another protocol whose messages are given as they are.
function raw (service, method, handle) {
  const same = bytes => bytes
  return [{
    [method]: {
      path: `/${service}/${method}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same
    }
  }, { [method]: handle }]
}

const tooEarly = details => ({ code: grpc.status.FAILED_PRECONDITION, details })

function channelService (description, configure, act, { listen, receive }) {
  const turns = new Turns(description.concurrency || 4)
  let configured = false
  return {
    Describe: (call, answer) => answer(null, {
      description_json: Buffer.from(JSON.stringify(description)), capabilities: String((listen ? 1 << 2 : 0) | (receive ? 1 << 3 : 0))
    }),
    Configure: async (call, answer) => {
      if (configured) return answer(tooEarly('this process is configured already'))
      try {
        const { problems, complete } = checkConfig(description.config || [], JSON.parse(call.request.config_json.toString() || '{}'))
        const all = problems.length > 0 ? problems : await configure(complete)
        configured = all.length === 0
        answer(null, { diagnostics: all.map(p => ({ severity: 'SEVERITY_ERROR', path: p.path, summary: { en: p.en, ja: p.ja } })) })
      } catch (error) {
        answer({ code: grpc.status.INTERNAL, details: error.name })
      }
    },
    Check: (call, answer) => answer(null, {}),
    Deliver: call => configured ? deliver(call, act, turns) : call.emit('error', tooEarly('Deliver before Configure')),
    Listen: call => {
      if (!listen) return call.emit('error', { code: grpc.status.UNIMPLEMENTED, details: 'this plugin does not listen' })
      if (!configured) return call.emit('error', tooEarly('Listen before Configure'))
      listening(call, listen)
    },
    Receive: (call, answer) => {
      if (!receive) return answer({ code: grpc.status.UNIMPLEMENTED, details: 'this plugin receives nothing' })
      if (!configured) return answer(tooEarly('Receive before Configure'))
      receiving(call.request, receive, answer)
    },
    Drain: (call, answer) => answer(null, {})
  }
}

// shakeHands takes standard output for the one line that belongs there, and gives
// the function that writes it.
function shakeHands () {
  const fail = words => { process.stderr.write(words + '\n'); process.exit(1) }
  if (process.env[COOKIE[0]] !== COOKIE[1]) {
    fail('This program is a channel plugin of nurture: it is started by nurture, not by hand.')
  }
  if (!(process.env.PLUGIN_PROTOCOL_VERSIONS || '').split(',').includes(PROTOCOL)) {
    fail(`This plugin speaks version ${PROTOCOL} of the protocol, the host does not.`)
  }
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr) // whatever is printed is a line of the log
  process.on('SIGINT', () => {})
  if (process.env.NURTURE_PLUGIN_LIFELINE === 'stdin') {
    process.on('SIGTERM', () => {}) // the host ends its plugins itself
    process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0)).resume()
  }
  return write
}

// serve is the whole main of a plugin. listen(inbox) fetches what the service tells,
// until inbox.wait says that it is time to return; receive(request) takes what the
// service sends to the server's address /v1/in/CHANNEL.
function serve (description, configure, act, { close = async () => {}, listen, receive } = {}) {
  description = { ...description, ...(listen && { listens: true }), ...(receive && { receives: true }) }
  if (process.argv[2] === 'describe') {
    process.stdout.write(JSON.stringify(description, null, 2) + '\n')
    return
  }
  const write = shakeHands()
  const proto = protoLoader.loadSync(path.join(__dirname, 'channel.proto'), { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true })
  const server = new grpc.Server({ 'grpc.max_receive_message_length': MAX_MESSAGE, 'grpc.max_send_message_length': MAX_MESSAGE })
  server.addService(proto['channel.v1.ChannelService'], channelService(description, configure, act, { listen, receive }))
  server.addService(...raw('grpc.health.v1.Health', 'Check', (call, answer) => answer(null, Buffer.from([8, 1])))) // SERVING
  server.addService(...raw('plugin.GRPCController', 'Shutdown', (call, answer) => {
    answer(null, Buffer.alloc(0))
    setTimeout(() => close().finally(() => process.exit(0)), 50) // after the answer
  }))
  const folder = process.env.PLUGIN_UNIX_SOCKET_DIR
  const socket = folder && path.join(folder, `plugin${process.pid}.sock`)
  server.bindAsync(folder ? 'unix:' + socket : '127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      console.error('cannot listen: %s', error.message)
      process.exit(1)
    }
    write(['1', PROTOCOL, folder ? 'unix' : 'tcp', folder ? socket : `127.0.0.1:${port}`, 'grpc'].join('|') + '\n')
  })
}

module.exports = { serve, accepted, again, refuse, uncertain, wrong, fact, reply }
