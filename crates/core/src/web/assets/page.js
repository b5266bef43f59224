// Keeps what is shown up to date, says times anew, copies, and shows the schedule of a retry count.
// Everything else works without it.
"use strict";

// The same digits as the server writes.
const rtf = new Intl.RelativeTimeFormat(document.documentElement.lang + "-u-nu-latn", { numeric: "always" });
// How far this browser's clock is ahead of the gateway's.
let ahead = Date.now() - Number(document.documentElement.dataset.now);

function sayTimes() {
  for (const time of document.querySelectorAll("time[title]")) {
    const seconds = Math.round((new Date(time.dateTime) - Date.now() + ahead) / 1000);
    const far = Math.abs(seconds);
    if (far < 5) continue;
    const [unit, size] = far < 90 ? ["second", 1] : far < 5400 ? ["minute", 60] : far < 172800 ? ["hour", 3600] : ["day", 86400];
    time.textContent = rtf.format(Math.round(seconds / size), unit);
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
  const range = document.createRange();
  range.selectNodeContents(button.parentElement.querySelector("code"));
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  document.execCommand("copy");
  flash(button);
}

function flash(button) {
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
    const answer = await fetch(here(), { headers: { Accept: "text/html" }, redirect: "manual" });
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
  } catch { /* The gateway is away; the next event or visit tells. */ }
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
  part.innerHTML = other.innerHTML;
  ready(part);
  if (!told) return;
  // What was closed keeps the focus.
  const same = [...part.querySelectorAll("details")].find(one => one.textContent === told);
  if (same) same.firstElementChild.focus({ preventScroll: true });
}

// A browser has six connections to a host, so only a window that is seen holds one. Whoever follows
// again is told at once if something was missed.
let source = null;

function follow() {
  if (document.hidden || source) return;
  source = new EventSource("/ui/events?since=" + seen);
  source.addEventListener("changed", refresh);
  source.addEventListener("error", () => {
    // A connection that broke off is made again by the browser, one that was refused is not.
    if (!source || source.readyState !== EventSource.CLOSED) return;
    rest();
    // Whoever is signed out learns it here; too many windows are fewer later.
    refresh();
    setTimeout(follow, 15000);
  });
}

function rest() {
  if (source) source.close();
  source = null;
}

if (document.querySelector("[data-live]")) {
  follow();
  document.addEventListener("visibilitychange", () => document.hidden ? rest() : follow());
  addEventListener("pagehide", rest);
  addEventListener("pageshow", event => { if (event.persisted) follow(); });
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
setInterval(sayTimes, 20000);
