// Keeps what is shown up to date, says when there is no connection, says times anew, copies, and shows
// the schedule of a retry count.
// Everything else works without it.
"use strict";

// The same digits as the server writes.
const digits = document.documentElement.lang + "-u-nu-latn";
const rtf = new Intl.RelativeTimeFormat(digits, { numeric: "always" });
// How long the gateway may say nothing, in milliseconds.
const PATIENCE = 8000;
const live = document.querySelector("[data-live]");
const bar = document.getElementById("away");
const said = document.getElementById("said");
// Nothing is heard from the gateway.
let lost = false;
// How far this browser's clock is ahead of the gateway's.
let ahead = Date.now() - Number(document.documentElement.dataset.now);

function sayTimes() {
  // What is shown is from when the connection was lost.
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

// Without TLS there is no clipboard to write to; the text is selected and copied the old way.
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

// Speaks to those who do not see the page.
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

// An answer to a form names the screen that it belongs to.
const where = document.querySelector("[data-at]");
const here = () => where ? where.dataset.at : location.pathname + location.search;
let loading = false;
let again = false;
// Something is newer than what is shown.
let behind = false;
// The last write that is.
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
  } catch { /* The gateway is away, or slow; what follows finds out. */ }
  finally {
    loading = false;
    if (again) { again = false; refresh(); }
  }
}

function renew(part, other) {
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  const closed = held && held.matches("summary") && !held.parentElement.open;
  // Whoever is in the middle of something is not disturbed.
  if ((held && !closed) || part.querySelector("details[open]")) { behind = true; return; }
  if (part.innerHTML === other.innerHTML) return;
  const told = closed && held.parentElement.textContent;
  const before = part.querySelector("[data-said]")?.textContent;
  part.innerHTML = other.innerHTML;
  ready(part);
  const now = part.querySelector("[data-said]")?.textContent;
  if (now && now !== before) say(now);
  if (!told) return;
  // What was closed keeps the focus.
  const same = [...part.querySelectorAll("details")].find(one => one.textContent === told);
  if (same) same.firstElementChild.focus({ preventScroll: true });
}

// A browser has six connections to a host, so only a window that is seen holds one. Whoever follows
// again is told at once if something was missed.
let source = null;
let opened = false;
let begun = 0;
let timer = 0;

// The gateway says something every five seconds. Whoever hears nothing for longer has lost it, though
// the connection may still stand: a program that hangs and a network that is gone break none.
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
    // One that ended is made again; one that never began was refused, or leads nowhere.
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
    // The first may be due to the page being left.
    if (failures > 1) lose();
    later(1000);
    return;
  }
  hear();
  // Whoever is signed out learns it here; too many windows are fewer later.
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
  // A network that came back does not mend a connection that was begun without it.
  if (source && Date.now() - begun > PATIENCE) { rest(); follow(); }
}

// What is sent now would be lost with what was typed.
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
  // It does not rise from where it happens.
  document.addEventListener("toggle", catchUp, true);
}

const count = document.querySelector("[data-schedule]");
if (count) {
  const lines = document.getElementById(count.dataset.schedule);
  const shown = document.getElementById("schedule");
  count.addEventListener("input", () => {
    // An empty field means the default; what is no number at all has no value either.
    const entered = count.value || count.validity.badInput ? count.value : lines.dataset.usual;
    const line = /^[0-9]+$/.test(entered) && lines.children[entered - 1];
    shown.textContent = line ? line.textContent : shown.dataset.else;
  });
}

ready(document);
// Why a form was refused is read first.
document.querySelector("[data-refused]")?.focus();
setInterval(sayTimes, 20000);
