// Keeps the screen and its times up to date, shows when there is no connection, copies, and shows the
// schedule of a retry count. Everything else works without this script.
"use strict";

// The digits that the server writes.
const digits = document.documentElement.lang + "-u-nu-latn";
const rtf = new Intl.RelativeTimeFormat(digits, { numeric: "always" });
// How long the gateway may be silent, in milliseconds.
const PATIENCE = 8000;
const live = document.querySelector("[data-live]");
const bar = document.getElementById("away");
const said = document.getElementById("said");
// Whether the connection to the gateway is lost.
let lost = false;
// How far this browser's clock is ahead of the gateway's.
let ahead = Date.now() - Number(document.documentElement.dataset.now);

function sayTimes() {
  // The screen is as old as the loss of the connection, so its times stay.
  if (lost) return;
  for (const time of document.querySelectorAll("time[title]")) {
    const seconds = Math.round((new Date(time.dateTime) - Date.now() + ahead) / 1000);
    const due = time.closest("[data-due]");
    if (due && seconds <= 0) { due.textContent = due.dataset.due; continue; }
    const far = Math.abs(seconds);
    if (far < 5) continue;
    const [unit, size] = far < 90 ? ["second", 1] : far < 5400 ? ["minute", 60] : far < 172800 ? ["hour", 3600] : ["day", 86400];
    time.textContent = rtf.format(Math.round(seconds / size), unit);
  }
}

function countOn() {
  for (const one of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - ahead - one.dataset.since) / 1000));
    one.textContent = one.dataset.pattern.replace("%n", seconds);
  }
}

function ready(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.onclick = () => copy(button);
  }
}

function copy(button) {
  const done = () => flash(button);
  if (!navigator.clipboard) return copyOldWay(button);
  navigator.clipboard.writeText(button.dataset.copy).then(done, () => copyOldWay(button));
}

// Without TLS the browser has no clipboard API, so this selects the text and copies the selection.
function copyOldWay(button) {
  const field = document.createElement("textarea");
  field.value = button.dataset.copy;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  button.focus();
  flash(button);
}

// Announces a text to screen readers.
function say(text) {
  said.textContent = "";
  setTimeout(() => { said.textContent = text; }, 50);
}

function flash(button) {
  say(said.dataset.copied);
  const before = button.textContent;
  button.textContent = "✓";
  setTimeout(() => { button.textContent = before; }, 1500);
}

// An answer to a form names the address of its screen.
const where = document.querySelector("[data-at]");
const here = () => where ? where.dataset.at : location.pathname + location.search;
let loading = false;
let again = false;
// Whether the screen is out of date.
let behind = false;
// The last write that the screen shows.
let seen = document.documentElement.dataset.commits;

async function refresh() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    const answer = await fetch(here(), { headers: { Accept: "text/html" }, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.type === "opaqueredirect") { location.assign("/ui/sign-in?next=" + encodeURIComponent(here())); return; }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    ahead = Date.now() - Number(fresh.documentElement.dataset.now);
    seen = fresh.documentElement.dataset.commits;
    behind = false;
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (other) renew(part, other);
    }
    sayTimes();
  } catch { /* The gateway is away or slow; `follow` finds out. */ }
  finally {
    loading = false;
    if (again) { again = false; refresh(); }
  }
}

function renew(part, other) {
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  const closed = held && held.matches("summary") && !held.parentElement.open;
  // Do not disturb a visitor who is using this part.
  if ((held && !closed) || part.querySelector("details[open]")) { behind = true; return; }
  if (part.innerHTML === other.innerHTML) return;
  const told = closed && held.parentElement.textContent;
  const before = part.querySelector("[data-said]")?.textContent;
  part.innerHTML = other.innerHTML;
  ready(part);
  const now = part.querySelector("[data-said]")?.textContent;
  if (now && now !== before) say(now);
  if (!told) return;
  // The summary that the visitor closed keeps the focus.
  const same = [...part.querySelectorAll("details")].find(one => one.textContent === told);
  if (same) same.firstElementChild.focus({ preventScroll: true });
}

// A browser has six connections to a host, so only a visible window holds one. A window that follows
// again gets an event at once if it missed a write.
let source = null;
let opened = false;
let begun = 0;
let timer = 0;

// The gateway sends an event every five seconds. If none comes for longer, it counts as lost although
// the connection may still be open: neither a hanging program nor a missing network closes it.
let heard = Date.now();
let failures = 0;

function later(after) {
  clearTimeout(timer);
  timer = setTimeout(follow, after);
}

function follow() {
  clearTimeout(timer);
  if (document.hidden || source) return;
  opened = false;
  begun = Date.now();
  source = new EventSource("/ui/events?since=" + seen);
  source.addEventListener("open", () => { opened = true; hear(); });
  source.addEventListener("beat", hear);
  source.addEventListener("changed", () => { hear(); if (live) refresh(); });
  source.addEventListener("error", () => {
    rest();
    // A stream that ended is opened again; one that never opened was refused, or the gateway is away.
    if (opened) later(500); else look();
  });
}

function rest() {
  clearTimeout(timer);
  if (source) source.close();
  source = null;
}

async function look() {
  try {
    await fetch("/ui/assets/icon.svg", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    failures += 1;
    // The first failure may come from leaving the page.
    if (failures > 1) lose();
    later(1000);
    return;
  }
  hear();
  // This sends a signed-out visitor to the sign-in. If too many windows follow, try again later.
  if (live) refresh();
  later(4000);
}

function hear() {
  heard = Date.now();
  failures = 0;
  if (!lost) return;
  lost = false;
  bar.hidden = true;
  delete document.documentElement.dataset.away;
  if (live) refresh();
}

function lose() {
  if (lost || document.hidden) return;
  lost = true;
  const clock = new Date(heard).toLocaleTimeString(digits, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  bar.textContent = bar.dataset.text.replace("%n", clock);
  bar.hidden = false;
  document.documentElement.dataset.away = "";
}

function attend() {
  if (document.hidden) return;
  if (!lost) countOn();
  if (Date.now() - heard <= PATIENCE) return;
  lose();
  // A connection that was opened without a network does not recover when the network comes back.
  if (source && Date.now() - begun > PATIENCE) { rest(); follow(); }
}

// A form that is sent now would be lost with its typed values.
document.addEventListener("submit", event => { if (lost) event.preventDefault(); });

function appear() {
  heard = Date.now();
  follow();
}

follow();
setInterval(attend, 1000);
document.addEventListener("visibilitychange", () => document.hidden ? rest() : appear());
addEventListener("pagehide", rest);
addEventListener("pageshow", event => { if (event.persisted) appear(); });

if (live) {
  const catchUp = () => { if (behind) refresh(); };
  document.addEventListener("focusout", catchUp);
  // This event does not bubble, so listen in the capture phase.
  document.addEventListener("toggle", catchUp, true);
}

const count = document.querySelector("[data-schedule]");
if (count) {
  const lines = document.getElementById(count.dataset.schedule);
  const shown = document.getElementById("schedule");
  count.addEventListener("input", () => {
    // An empty field means the default; the value is empty, too, if the text is no number.
    const entered = count.value || count.validity.badInput ? count.value : lines.dataset.usual;
    const line = /^[0-9]+$/.test(entered) && lines.children[entered - 1];
    shown.textContent = line ? line.textContent : shown.dataset.else;
  });
}

ready(document);
// A screen reader reads first why a form was refused.
document.querySelector("[data-refused]")?.focus();
setInterval(sayTimes, 20000);
