// The toast region #toasts: server-made toasts, refusals of htmx requests, and
// document events "toast" {text, kind, undo} from the other modules.

const STAY = 6000;
const region = document.getElementById("toasts");
const words = region ? region.dataset : {};

// A refusal stays until it is closed: it may hold the way on. What went well is gone after a while.
function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "true";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button small";
  close.textContent = words.close;
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  if (toast.classList.contains("bad")) return;
  let timer;
  const wait = () => { timer = setTimeout(() => toast.remove(), STAY); };
  const hold = () => clearTimeout(timer);
  const resume = () => { hold(); if (!toast.matches(":hover, :focus-within")) wait(); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusout", () => setTimeout(resume));
  wait();
}

function show({ text, kind = "good", link = null, undo = null, keyboard = false }) {
  if (!region || !text) return;
  const toast = document.createElement("div");
  toast.className = kind === "bad" ? "toast bad" : "toast";
  toast.dataset.toast = "";
  if (kind === "bad") toast.setAttribute("role", "alert");
  const line = document.createElement("span");
  line.textContent = text;
  toast.append(line);
  if (link) {
    const way = document.createElement("a");
    way.className = "button small";
    way.href = link.getAttribute("href");
    way.textContent = link.textContent;
    toast.append(way);
  }
  if (undo) {
    const back = document.createElement("button");
    back.type = "button";
    back.className = "button small";
    back.textContent = words.undo;
    back.addEventListener("click", () => { toast.remove(); undo(); });
    toast.append(back);
  }
  region.append(toast);
  if (keyboard) toast.querySelector("a")?.focus();
}

// The sentence a refusal carries: {"detail": …}, or the marked part of a page.
function reasonOf(body, type) {
  if (type.includes("json")) {
    try {
      const { detail } = JSON.parse(body);
      return typeof detail === "string" ? detail : "";
    } catch {
      return "";
    }
  }
  const page = new DOMParser().parseFromString(body, "text/html");
  return page.querySelector("[data-reason], [role=alert]")?.textContent.trim() ?? "";
}

if (region) {
  region.querySelectorAll("[data-toast]").forEach(arm);
  new MutationObserver(() => region.querySelectorAll("[data-toast]").forEach(arm))
    .observe(region, { childList: true });
  document.addEventListener("toast", (event) => show(event.detail));
  document.addEventListener("refused", (event) => {
    const { body, type, keyboard } = event.detail;
    const link = new DOMParser().parseFromString(body ?? "", "text/html").querySelector("a[data-fix]");
    show({ text: (body && reasonOf(body, type)) || words.failed, kind: "bad", link, keyboard });
  });
  document.addEventListener("offline-request", () => show({ text: words.offline, kind: "bad" }));
  document.addEventListener("htmx:response:error", ({ detail }) => {
    const { response, text } = detail.ctx;
    if (response.status === 422 || /<hx-partial/i.test(text)) return;
    const type = response.headers.get("Content-Type") ?? "";
    show({ text: reasonOf(text, type) || words.failed, kind: "bad" });
  });
  document.addEventListener("htmx:error", ({ detail }) => {
    if (!detail.ctx?.response) show({ text: words.offline, kind: "bad" });
  });
}
