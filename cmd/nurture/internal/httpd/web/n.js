// n.js tells nurture what happens on a web site, and shows what nurture says.
//
//   <script defer src="https://nurture.example/n.js" data-key="WRITE_KEY"></script>
//
// Until the visitor has agreed it keeps nothing and sends nothing: no cookie, no id.
// It needs no eval, no inline script and no third party. Comments stand on lines of
// their own: the server leaves them out.
(function (w, d) {
"use strict";
var me = d.currentScript || d.querySelector("script[data-key][src$='n.js']");
if (!me || w.nurture && w.nurture.loaded) return;
var data = me.dataset, nav = w.navigator, key = data.key;
var host = (data.host || new URL(me.src).origin).replace(/\/$/, "");
var tracks = (data.track || "").split(/[\s,]+/);
var idName = "nurture_id", choiceName = "nurture_consent";
var queue = [], waiting = [], timer = 0, pause = 0, retry = 0, last = "", from = d.referrer;
var shownAt = {}, seen = 0, tries = 0, began = 0, scrolled = 0, ask = false;

function on(target, name, f) { target.addEventListener(name, f, true); }
function wants(what) { return tracks.indexOf(what) >= 0; }
function cookie(name) {
  var m = ("; " + d.cookie).split("; " + name + "=")[1];
  return m === undefined ? "" : decodeURIComponent(m.split(";")[0]);
}
function keep(name, value, days) {
  d.cookie = name + "=" + encodeURIComponent(value) + "; Path=/; SameSite=Lax; Max-Age=" + days * 86400 +
    (data.domain ? "; Domain=" + data.domain : "") + (w.location.protocol === "https:" ? "; Secure" : "");
}
function uuid() {
  if (w.crypto.randomUUID) return w.crypto.randomUUID();
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, function (c) {
    return (c ^ w.crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16);
  });
}

// The visitor's choice on this site goes before everything. Without one, a browser
// that says "do not track" has answered for the visitor.
function refused() { return nav.globalPrivacyControl === true || nav.doNotTrack === "1" || w.doNotTrack === "1"; }
function agreed() {
  var choice = cookie(choiceName);
  if (choice) return choice === "1";
  return data.consent === "given" && !refused();
}
function visitor() {
  var id = cookie(idName);
  if (!id) keep(idName, id = uuid(), 390);
  return id;
}

function campaign(search) {
  var q = new URLSearchParams(search), out = {}, any = false;
  ["source", "medium", "campaign", "term", "content"].forEach(function (name) {
    var v = q.get("utm_" + name);
    if (v) { out[name === "campaign" ? "name" : name] = v.slice(0, 200); any = true; }
  });
  return any ? out : undefined;
}
// Of an address only what names the page and the campaign is told: the rest of a query
// may hold anything.
function bare(address) {
  try {
    var u = new URL(address, w.location.href), q = new URLSearchParams();
    u.searchParams.forEach(function (v, name) {
      if (data.query === "keep" || /^utm_/.test(name)) q.append(name, v);
    });
    var text = q.toString();
    return u.origin + u.pathname + (text ? "?" + text : "");
  } catch (e) { return ""; }
}
function place() {
  return { path: w.location.pathname, url: bare(w.location.href), title: d.title, referrer: from ? bare(from) : "" };
}

// What happens before the visitor has agreed waits in memory, and goes when the page
// does.
function add(type, body) {
  var e = Object.assign({ type: type, messageId: uuid(), timestamp: new Date().toISOString() }, body);
  e.context = { page: place(), campaign: campaign(w.location.search), locale: nav.language, library: { name: "n.js", version: "1" } };
  (agreed() ? queue : waiting).push(e);
  if (waiting.length > 50) waiting.shift();
  if (queue.length > 200) queue.shift();
  soon(50);
}
function soon(ms) { if (!timer && queue.length) timer = w.setTimeout(flush, Math.max(ms, pause - Date.now())); }
function body(list) {
  var id = visitor();
  return JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch: list.map(function (e) {
    return Object.assign({ anonymousId: id }, e);
  }) });
}
function flush() {
  timer = 0;
  if (!queue.length || !agreed()) return;
  var list = queue.splice(0, 20);
  w.fetch(host + "/v1/batch", { method: "POST", body: body(list), keepalive: true, credentials: "omit", referrerPolicy: "no-referrer",
    headers: { "Content-Type": "text/plain" } }).then(function (r) {
    if (r.status === 429 || r.status >= 500) return again(list, r.headers.get("Retry-After"));
    retry = 0;
    soon(0);
  }, function () { again(list); }).then(function () {
    // What has just happened is known: now ask what is to be shown.
    if (ask) { ask = false; slots(); }
  });
}
function again(list, after) {
  queue = list.concat(queue);
  retry = Math.min(retry + 1, 8);
  pause = Date.now() + (+after * 1000 || 500 * Math.pow(2, retry) * (0.5 + Math.random()));
  soon(0);
}
function beacon(path, text) {
  if (!nav.sendBeacon || !nav.sendBeacon(host + path, text))
    w.fetch(host + path, { method: "POST", body: text, keepalive: true, credentials: "omit" }).catch(function () {});
}
function leave() {
  dwell();
  while (queue.length && agreed()) beacon("/v1/batch", body(queue.splice(0, 20)));
}

function track(name, properties) { add("track", { event: String(name), properties: properties || {} }); }
function page(properties) {
  dwell();
  last = w.location.pathname + w.location.search;
  var p = place();
  if (refused() && !cookie(choiceName)) { began = Date.now(); return; }
  add("page", { name: p.title, properties: Object.assign(p, properties) });
  from = w.location.href;
  began = d.visibilityState === "hidden" ? 0 : Date.now();
  scrolled = 0;
  ask = true;
}
function identify(user, traits) {
  if (user && typeof user === "object") { traits = user; user = undefined; }
  var e = { traits: traits || {} };
  if (user !== undefined && user !== null && user !== "") e.userId = String(user);
  ask = true;
  add("identify", e);
}
function consent(yes) {
  if (yes) {
    keep(choiceName, "1", 390);
    queue = queue.concat(waiting.splice(0));
    ask = true;
    soon(0);
    return;
  }
  keep(choiceName, "0", 390);
  keep(idName, "", 0);
  queue = []; waiting = [];
}
function reset() { keep(idName, "", 0); if (agreed()) visitor(); }

// How long a page was looked at: what is hidden is not looked at.
function dwell() {
  if (!began) return;
  var seconds = Math.round((Date.now() - began) / 1000), path = last.split("?")[0];
  began = 0;
  if (wants("dwell") && seconds >= 1) track("Page Left", { path: path, seconds: seconds, scroll: scrolled });
}

// What nurture shows: the elements with data-nurture-slot. An element for which there
// is nothing keeps what stands in it, or gets it back.
function html(text) {
  if (!w.trustedTypes) return text;
  html.policy = html.policy || w.trustedTypes.createPolicy("nurture", { createHTML: function (s) { return s; } });
  return html.policy.createHTML(text);
}
function slots() {
  var found = d.querySelectorAll("[data-nurture-slot]"), names = [];
  found.forEach(function (e) { if (names.indexOf(e.dataset.nurtureSlot) < 0) names.push(e.dataset.nurtureSlot); });
  if (!names.length || !agreed()) return;
  var turn = ++seen;
  w.fetch(host + "/v1/web/decide?" + names.slice(0, 20).map(function (n) { return "slot=" + encodeURIComponent(n); }).join("&"),
    { credentials: "omit", referrerPolicy: "no-referrer", headers: { Authorization: "Basic " + w.btoa(key + ":"), "X-Nurture-Visitor": visitor() } })
    .then(function (r) {
      // Where nothing was decided everything stays as it is. What passes is asked again.
      return r.ok ? r.json() : { later: r.status === 429 || r.status === 503 ? +r.headers.get("Retry-After") || tries + 1 : 0 };
    })
    .then(function (a) {
      if (turn !== seen) return;
      if (a.later && ++tries < 4) w.setTimeout(function () { if (turn === seen) slots(); }, 1000 * a.later);
      if (a.later || !a.slots) return;
      tries = 0;
      found.forEach(function (e) { fill(e, a.slots[e.dataset.nurtureSlot] || { html: e.nurtureWas }); });
    }).catch(function () {});
}
// The same text for somebody who has become known since is not shown a second time.
function fill(e, c) {
  if (c.html === undefined) return;
  e.nurtureToken = c.token;
  if (e.nurtureHTML === c.html) return;
  if (e.nurtureWas === undefined) e.nurtureWas = e.innerHTML;
  e.innerHTML = html(c.html);
  e.nurtureHTML = c.html;
  e.nurtureShown = c.showing;
  if (c.token && !shownAt[c.showing]) watch(e);
}
function tell(token, what, more) {
  if (token && agreed()) beacon("/v1/web/seen", JSON.stringify(Object.assign({ token: token, what: what }, more)));
}
function watch(e) {
  function once() {
    if (!e.nurtureToken || shownAt[e.nurtureShown]) return;
    shownAt[e.nurtureShown] = 1;
    tell(e.nurtureToken, "shown");
  }
  if (!w.IntersectionObserver) return once();
  var o = new w.IntersectionObserver(function (list) {
    if (list.some(function (x) { return x.isIntersecting; })) { o.disconnect(); once(); }
  }, { threshold: 0.5 });
  o.observe(e);
}

on(d, "click", function (event) {
  var t = event.target, near = t.closest ? t.closest("a[href],button,[data-nurture-link]") : null;
  if (!near) return;
  var slot = near.closest("[data-nurture-slot]"), kind = near.dataset.nurtureLink || "", url = null;
  try { url = near.href ? new URL(near.href, w.location.href) : null; } catch (e) { url = null; }
  var plain = url ? url.origin + url.pathname : "";
  if (slot && slot.nurtureToken) return tell(slot.nurtureToken, "clicked", { link: plain, link_class: kind });
  if (url && wants("downloads") && /\.(pdf|zip|docx?|xlsx?|pptx?|csv|txt|mp[34]|mov|dmg|exe)$/i.test(url.pathname))
    return track("File Downloaded", { url: plain, file: url.pathname.split("/").pop(), link_class: kind });
  if (kind || url && /^http/.test(url.protocol) && url.host !== w.location.host && wants("outbound"))
    track("Link Clicked", { url: plain, link_class: kind, path: w.location.pathname });
});
on(d, "submit", function (event) {
  var f = event.target, name = f.dataset && f.dataset.nurtureForm, traits = {}, any = false;
  if (!name && !wants("forms")) return;
  // Only what the page's author marks is read: data-nurture-trait="email".
  f.querySelectorAll("[data-nurture-trait]").forEach(function (i) {
    if (i.type === "password" || (i.type === "checkbox" || i.type === "radio") && !i.checked || !i.value) return;
    traits[i.dataset.nurtureTrait] = i.value; any = true;
  });
  if (any) identify(traits);
  track("Form Submitted", { form: name || f.id || f.getAttribute("name") || "", path: w.location.pathname });
});
on(w, "scroll", function () {
  var h = d.documentElement.scrollHeight;
  if (h) scrolled = Math.max(scrolled, Math.min(100, Math.round((w.scrollY + w.innerHeight) / h * 100)));
});
on(d, "visibilitychange", function () {
  if (d.visibilityState === "hidden") leave(); else if (!began) began = Date.now();
});
on(w, "pagehide", leave);

// Pages of an application that loads no pages.
function moved() { w.setTimeout(function () { if (w.location.pathname + w.location.search !== last) page(); }, 0); }
["pushState", "replaceState"].forEach(function (name) {
  var was = w.history[name];
  w.history[name] = function () { var r = was.apply(this, arguments); moved(); return r; };
});
on(w, "popstate", moved);

var early = Array.isArray(w.nurture) ? w.nurture : [];
var api = w.nurture = {
  loaded: true, page: page, track: track, identify: identify, consent: consent, reset: reset, show: slots,
  agreed: agreed,
  push: function (call) { api[call[0]].apply(api, call.slice(1)); }
};
if (data.pages !== "off") page();
early.forEach(api.push);
})(window, document);
