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
  const text = button.dataset.copy;
  if (navigator.clipboard) { navigator.clipboard.writeText(text); return flash(button); }
  // Without TLS there is no clipboard to write to; the text is selected and copied the old way.
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
let loading = false;
let again = false;

async function refresh() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    const answer = await fetch(where ? where.dataset.at : location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") { location.assign("/ui/sign-in"); return; }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    ahead = Date.now() - Number(fresh.documentElement.dataset.now);
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      // Whoever is in the middle of something is not disturbed.
      if (!other || part.contains(document.activeElement) || part.querySelector("details[open]")) continue;
      if (part.innerHTML !== other.innerHTML) { part.innerHTML = other.innerHTML; ready(part); }
    }
    sayTimes();
  } catch { /* The gateway is away; the next event or visit tells. */ }
  finally {
    loading = false;
    if (again) { again = false; refresh(); }
  }
}

if (document.querySelector("[data-live]")) {
  const source = new EventSource("/ui/events");
  source.addEventListener("changed", refresh);
  addEventListener("pagehide", () => source.close());
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
