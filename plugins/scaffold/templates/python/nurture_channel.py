"""What a channel plugin in Python needs to speak nurture's protocol channel.v1.

It needs grpcio and protobuf (Debian: python3-grpcio, python3-protobuf), and
channel.binpb beside it, which is channel.proto in compiled form: no generated code,
any version of protobuf from 3.20 on.

A host starts the program, reads one handshake line from its standard output,
configures it and streams actions to it. What the program prints after that goes to
standard error, which is the host's log. Never log what an action's parts hold.
"""

import concurrent.futures
import json
import os
import pathlib
import queue
import re
import signal
import sys
import threading
import time
import traceback

import grpc
from google.protobuf import descriptor_pool, message_factory

COOKIE = ("NURTURE_CHANNEL_PLUGIN", "5c1f0b2e0d1a4a0c9a53")
PROTOCOL = "1"
MAX_MESSAGE = 64 << 20


# What became of an action.

def accepted(provider_id=""):
    """The service accepted it; provider_id is the service's own name for it."""
    return "done", {"provider_id": clean(provider_id)}


def again(after_seconds, code, detail):
    """It was certainly not done, and may be later; 0 seconds: the usual back-off."""
    return "retry", {"after_ms": int(after_seconds * 1000), "code": clean(code), "detail": clean(detail)}


def refuse(code, detail):
    """It was not done, and asking again would not help."""
    return "refused", {"code": clean(code), "detail": clean(detail)}


def uncertain(code, detail):
    """It may have been done."""
    return "unknown", {"code": clean(code), "detail": clean(detail)}


def wrong(path, en, ja=""):
    """What configure returns in a list: the setting at path is not accepted."""
    return {"path": path, "en": en, "ja": ja or en}


def clean(text):
    return str(text)[:500]


# What the service tells of by itself, or when it is asked.

def fact(id, event, fields=None, at=None, *, token="", action="", lead="", user="", email="", attribute="", value=""):
    """Something that happened: an event that the description declares.

    The id names it for ever: the same id counts once. at is in seconds since 1970,
    None is now. Whom it is about is the first that is given and known of a token or
    the key of an action that we sent, the lead's id, its user id, its e-mail address,
    or the value of an attribute that identifies leads.
    """
    return {
        "id": str(id), "event": event, "at_ms": 0 if at is None else int(at * 1000), "token": token, "action": action,
        "lead": lead, "user": user, "email": email, "attribute": attribute, "value": value,
        "fields": [field(name, v) for name, v in (fields or {}).items() if v is not None],
    }


def field(name, value):
    """A field of an event as it goes over the wire."""
    if isinstance(value, bool):
        return {"name": name, "flag": value}
    if isinstance(value, (int, float)):
        return {"name": name, "number": value}
    if isinstance(value, str):
        return {"name": name, "text": value}
    return {"name": name, "json": json.dumps(value)}


def reply(status=200, facts=(), body=b"", headers=None):
    """The answer to a request of the service. The facts are durable before it goes out."""
    return {
        "status": status, "body": body, "facts": list(facts),
        "headers": [{"name": name, "value": value} for name, value in (headers or {}).items()],
    }


class Request:
    """A request of the service. Anybody may have sent it: look at its signature first."""

    def __init__(self, message):
        self.method, self.path, self.url, self.body = message.method, message.path, message.url, message.body
        self.headers = {h.name.lower(): h.value for h in message.headers}


class NotKept(Exception):
    """The host did not keep the facts, or is gone: bring them again."""


class Inbox:
    """Where listen leaves what it has fetched."""

    def __init__(self, response):
        self.response = response
        self.cursor = ""  # of the last accept, kept over restarts; "" for none
        self.out = queue.Queue()  # batches; None is the end
        self.gone = threading.Event()
        self.lock = threading.Lock()
        self.batch = 0
        self.waiting = {}  # batch -> queue for its answer

    def accept(self, facts, cursor):
        """Return when the facts are durable, and with them the cursor."""
        answer = queue.Queue()
        with self.lock:
            self.batch += 1
            batch = self.batch
            self.waiting[batch] = answer
        self.out.put(self.response(batch=batch, facts=facts, cursor=cursor))
        if self.gone.is_set() or not answer.get():
            raise NotKept("the facts were not kept")
        self.cursor = cursor

    def wait(self, seconds):
        """Wait before the service is asked again. True means that it is time to return."""
        return self.gone.wait(seconds)

    def read(self, requests):
        """Take the host's answers until it leaves."""
        try:
            for request in requests:
                with self.lock:
                    answer = self.waiting.pop(request.answer.batch, None)
                if answer:
                    answer.put(request.answer.accepted)
        except Exception:  # the host is gone
            pass
        self.leave()

    def leave(self):
        self.gone.set()
        with self.lock:
            for answer in self.waiting.values():
                answer.put(False)
            self.waiting.clear()


class Action:
    """One finished message: nothing is left to render or to decide."""

    def __init__(self, message):
        self.id = message.id
        self.key = message.key  # idempotency key: the same on every attempt
        self.kind = message.kind
        self.lead = message.lead
        self.attempt = message.attempt
        self.parts = {}
        for part in message.parts:
            form = part.WhichOneof("value")
            value = getattr(part, form) if form else None
            self.parts[part.name] = json.loads(value) if form == "json" else value
        self.deadline = time.monotonic() + (message.timeout_ms or 30_000) / 1000

    def text(self, name):
        """The part of that name, "" where there is none or it is no text."""
        value = self.parts.get(name)
        return value if isinstance(value, str) else ""

    def seconds_left(self):
        """How long the action may still take."""
        return max(0.01, self.deadline - time.monotonic())


# Settings, checked by the description.

DURATION = re.compile(r"(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+|\d+(\.\d+)?d")


def fits(kind, value):
    """Whether a value has the type of an attribute."""
    if kind in ("text", "template"):
        return isinstance(value, str)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "duration":
        return isinstance(value, str) and DURATION.fullmatch(value) is not None
    if kind == "list":
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if kind == "map":
        return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    if kind == "block":
        return isinstance(value, dict)
    return True


def check_config(attributes, values, prefix=""):
    """What is wrong with the values, and the values with the defaults filled in."""
    problems, complete = [], {}
    known = {a["name"] for a in attributes}
    for name in values:
        if name not in known:
            problems.append(wrong(prefix + name, "Unknown attribute %s" % name, "「%s」という設定はありません" % name))
    for a in attributes:
        name, value = a["name"], values.get(a["name"])
        path = prefix + name
        if value is None:
            if a.get("required"):
                problems.append(wrong(path, "%s is missing" % name, "「%s」がありません" % name))
            elif "default" in a:
                complete[name] = a["default"]
        elif not fits(a["type"], value):
            problems.append(wrong(path, "%s must be of the type %s" % (name, a["type"]), "「%s」の型は %s です" % (name, a["type"])))
        elif a.get("choices") and value not in a["choices"]:
            choices = ", ".join(a["choices"])
            problems.append(wrong(path, "%s is one of %s" % (name, choices), "「%s」は %s のどれかです" % (name, choices)))
        elif a["type"] == "block":
            more, complete[name] = check_config(a.get("attributes", []), value, path + ".")
            problems += more
        else:
            complete[name] = value
    return problems, complete


# The protocol.

def load_messages():
    """The classes of the protocol's messages, by name."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(pathlib.Path(__file__).with_name("channel.binpb").read_bytes())
    make = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
    names = ["Describe", "Configure", "Check", "Deliver", "Drain", "Listen", "Receive"]
    messages = {}
    for name in [n + form for n in names for form in ("Request", "Response")] + ["Diagnostic", "Result"]:
        messages[name] = make(pool.FindMessageTypeByName("channel.v1." + name))
    return messages


class Delivery:
    """One stream of actions: each gets exactly one result."""

    def __init__(self, do, workers, result):
        self.do, self.workers, self.result = do, workers, result
        self.lock = threading.Lock()
        self.open = {}  # id -> timer
        self.started = set()
        self.ended = False
        self.out = queue.Queue()  # results; None is the end

    def read(self, requests):
        try:
            for request in requests:
                for message in request.actions:
                    self.take(Action(message))
        except Exception:  # the host is gone, or has cancelled
            self.out.put(None)
        with self.lock:
            self.ended = True
            if not self.open:
                self.out.put(None)

    def take(self, action):
        timer = threading.Timer(action.seconds_left(), self.over, [action])
        timer.daemon = True
        with self.lock:
            self.open[action.id] = timer
        timer.start()
        self.workers.submit(self.work, action)

    def work(self, action):
        with self.lock:
            if action.id not in self.open:
                return  # its time was over before its turn came
            self.started.add(action.id)
        try:
            outcome = self.do(action)
        except Exception as error:  # its message may hold personal data: it is not logged
            where = "".join(traceback.format_tb(error.__traceback__))
            print("do failed with %s\n%s" % (type(error).__name__, where), file=sys.stderr, flush=True)
            outcome = uncertain("error", type(error).__name__)
        self.answer(action, outcome)

    def over(self, action):
        with self.lock:
            started = action.id in self.started
        if started:
            self.answer(action, uncertain("timeout", "no answer in time"))
        else:
            self.answer(action, again(0, "busy", "its time was over before its turn came"))

    def answer(self, action, outcome):
        with self.lock:
            timer = self.open.pop(action.id, None)
            if timer is None:
                return  # it has its answer
            self.started.discard(action.id)
            timer.cancel()
            name, fields = outcome
            self.out.put(self.result(id=action.id, **{name: fields}))
            if self.ended and not self.open:
                self.out.put(None)


class Plugin:
    """The services of a plugin process."""

    def __init__(self, description, configure, do, listen=None, receive=None):
        self.description, self.author_configure, self.do = description, configure, do
        self.author_listen, self.author_receive = listen, receive
        self.messages = load_messages()
        self.configured = False
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.workers = concurrent.futures.ThreadPoolExecutor(description.get("concurrency") or 4)

    def describe(self, _request, _context):
        bits = (1 << 2 if self.author_listen else 0) | (1 << 3 if self.author_receive else 0)
        return self.messages["DescribeResponse"](description_json=json.dumps(self.description).encode(), capabilities=bits)

    def configure(self, request, context):
        with self.lock:
            if self.configured:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, "this process is configured already")
            problems, values = check_config(self.description.get("config", []), json.loads(request.config_json or b"{}"))
            problems = problems or self.author_configure(values) or []
            self.configured = not problems
        answer = self.messages["ConfigureResponse"]()
        for p in problems:
            answer.diagnostics.add(severity=1, path=p["path"], summary={"en": p["en"], "ja": p["ja"]})
        return answer

    def check(self, _request, _context):
        return self.messages["CheckResponse"]()

    def deliver(self, requests, context):
        if not self.configured:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Deliver before Configure")
        delivery = Delivery(self.do, self.workers, self.messages["Result"])
        context.add_callback(lambda: delivery.out.put(None))
        threading.Thread(target=delivery.read, args=[requests], daemon=True).start()
        while True:
            result = delivery.out.get()
            if result is None:
                return
            yield self.messages["DeliverResponse"](results=[result])

    def listen(self, requests, context):
        if not self.author_listen:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "this plugin does not listen")
        if not self.configured:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Listen before Configure")
        inbox = Inbox(self.messages["ListenResponse"])
        inbox.cursor = next(requests).start.cursor
        context.add_callback(inbox.leave)
        threading.Thread(target=inbox.read, args=[requests], daemon=True).start()
        failures = []

        def run():
            try:
                self.author_listen(inbox)
            except Exception as error:  # its message may hold personal data
                failures.append(type(error).__name__)
            inbox.out.put(None)

        threading.Thread(target=run, daemon=True).start()
        while True:
            batch = inbox.out.get()
            if batch is None:
                break
            yield batch
        if failures and not inbox.gone.is_set():
            context.abort(grpc.StatusCode.UNAVAILABLE, "listen failed with " + failures[0])

    def receive(self, request, context):
        if not self.author_receive:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "this plugin receives nothing")
        if not self.configured:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "Receive before Configure")
        try:
            answer = self.author_receive(Request(request))
        except Exception as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, "receive failed with " + type(error).__name__)
        return self.messages["ReceiveResponse"](**answer)

    def drain(self, _request, _context):
        return self.messages["DrainResponse"]()

    def shutdown(self, _request, _context):
        threading.Timer(0.05, self.stop.set).start()  # after the answer
        return b""

    def handlers(self):
        def unary(name, call):
            return grpc.unary_unary_rpc_method_handler(
                call, self.messages[name + "Request"].FromString, self.messages[name + "Response"].SerializeToString)

        channel_service = {
            "Describe": unary("Describe", self.describe),
            "Configure": unary("Configure", self.configure),
            "Check": unary("Check", self.check),
            "Drain": unary("Drain", self.drain),
            "Receive": unary("Receive", self.receive),
            "Listen": grpc.stream_stream_rpc_method_handler(
                self.listen, self.messages["ListenRequest"].FromString, self.messages["ListenResponse"].SerializeToString),
            "Deliver": grpc.stream_stream_rpc_method_handler(
                self.deliver, self.messages["DeliverRequest"].FromString, self.messages["DeliverResponse"].SerializeToString),
        }
        serving = grpc.unary_unary_rpc_method_handler(lambda _request, _context: b"\x08\x01")  # status: SERVING
        return [
            grpc.method_handlers_generic_handler("channel.v1.ChannelService", channel_service),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": serving}),
            grpc.method_handlers_generic_handler(
                "plugin.GRPCController", {"Shutdown": grpc.unary_unary_rpc_method_handler(self.shutdown)}),
        ]


def follow_host():
    """End with the host: standard input is a pipe that it holds."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def shake_hands():
    """Take standard output for the one line that belongs there."""
    name, value = COOKIE
    if os.environ.get(name) != value:
        sys.exit("This program is a channel plugin of nurture: it is started by nurture, not by hand.")
    if PROTOCOL not in os.environ.get("PLUGIN_PROTOCOL_VERSIONS", "").split(","):
        sys.exit("This plugin speaks version %s of the protocol, the host does not." % PROTOCOL)
    line = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever is printed from now on is a line of the log
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.environ.get("NURTURE_PLUGIN_LIFELINE") == "stdin":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the host ends its plugins itself
        threading.Thread(target=follow_host, daemon=True).start()
    return line


def serve(description, configure, do, close=None, listen=None, receive=None):
    """The whole main of a plugin.

    listen(inbox) fetches what the service tells, until inbox.wait says that it is
    time to return; receive(request) takes what the service sends to the server's
    address /v1/in/CHANNEL.
    """
    description = dict(description, **({"listens": True} if listen else {}), **({"receives": True} if receive else {}))
    if sys.argv[1:] == ["describe"]:
        json.dump(description, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    line = shake_hands()
    plugin = Plugin(description, configure, do, listen, receive)
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=16),
        handlers=plugin.handlers(),
        options=[("grpc.max_receive_message_length", MAX_MESSAGE), ("grpc.max_send_message_length", MAX_MESSAGE)],
    )
    folder = os.environ.get("PLUGIN_UNIX_SOCKET_DIR")
    if folder:
        address = os.path.join(folder, "plugin%d.sock" % os.getpid())
        server.add_insecure_port("unix:" + address)
        network = "unix"
    else:
        address = "127.0.0.1:%d" % server.add_insecure_port("127.0.0.1:0")
        network = "tcp"
    server.start()
    print("1", PROTOCOL, network, address, "grpc", sep="|", file=line, flush=True)
    line.close()
    plugin.stop.wait()
    server.stop(0.2).wait()
    if close:
        close()
    os._exit(0)  # workers may still wait for the service
