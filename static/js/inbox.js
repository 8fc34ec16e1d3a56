// Unread count, live. The stream sends events named "unread" whose data is the number.
// One connection per visible tab: a hidden tab lets go, so many tabs do not use up the browser's few.

const holder = document.querySelector("[data-stream-url]");
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60000;
let source = null;
let timer;
let wait = FIRST_WAIT;

function show(number) {
  for (const badge of document.querySelectorAll("[data-unread-count]")) {
    badge.textContent = String(number);
    badge.hidden = number === 0;
  }
}

function unread() {
  return Number(document.querySelector("[data-unread-count]")?.textContent ?? 0);
}

function open() {
  clearTimeout(timer);
  if (source || document.hidden) return;
  source = new EventSource(holder.dataset.streamUrl);
  source.addEventListener("open", () => { wait = FIRST_WAIT; });
  source.addEventListener("unread", (event) => {
    const number = Number.parseInt(event.data, 10);
    if (Number.isInteger(number) && number >= 0) show(number);
  });
  source.addEventListener("error", () => {
    // After a refusal the browser gives up for good; ask again later, more and more rarely.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

// What led to the page before one's eyes has been read. Only the page of one thing has an id in its address.
function tellRead() {
  if (document.hidden || unread() === 0 || !/\/[0-9a-f]{8}-[0-9a-f-]{27}/.test(location.pathname)) return;
  fetch("/inbox/reading", {
    method: "POST",
    headers: { "X-CSRF-Token": document.querySelector("meta[name=csrf-token]")?.content ?? "" },
    body: new URLSearchParams({ url: location.pathname }),
  }).catch(() => {});
}

if (holder) {
  tellRead();
  document.addEventListener("visibilitychange", tellRead);
}

if (holder && "EventSource" in window) {
  open();
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
}
