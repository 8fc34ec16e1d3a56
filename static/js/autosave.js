// Forms with data-autosave-url save themselves 600 ms after the last change.
// [data-save-status] in the form says so, in the words of its data-saving, -saved and -failed.
// The hidden _seen says which version the page was drawn from; each answer brings the mark of what is stored since.
// When that is not what this page put there (409), the page saves nothing more and says why: its buttons decide.

const PAUSE = 600;
const OWN = ["_csrf", "_seen", "_sent"];

function watch(form) {
  const status = form.querySelector("[data-save-status]");
  const seen = form.elements.namedItem("_seen");
  const tell = (text, bad = false) => {
    if (!status) return;
    status.textContent = text ?? "";
    status.classList.toggle("ink-bad", bad);
  };
  let timer;
  let busy = false;
  let again = false;
  let leaving; // what a pressed button sends
  const unheard = []; // forms sent to which no answer has come: each may be what is stored by now

  // What the browser put back after a return belongs to an older mark than the page: what is stored is shown instead.
  form.autocomplete = "off";
  form.addEventListener("formdata", ({ formData }) => {
    for (const { text } of unheard.slice(-3)) formData.append("_sent", text);
  });

  function body(button) {
    const fields = [...new FormData(form, button)].filter(([, value]) => typeof value === "string");
    return new URLSearchParams(fields);
  }

  function plain(sent) {
    const copy = new URLSearchParams(sent);
    for (const name of OWN) copy.delete(name);
    return { text: copy.toString() };
  }

  function stop() {
    clearTimeout(timer);
    timer = undefined;
    again = false;
    delete form.dataset.autosaveUrl;
  }

  // An answer counts unless a later form has been answered already.
  async function hear(response, mine) {
    const place = unheard.indexOf(mine);
    if (place < 0) return;
    const isJson = response.headers.get("Content-Type")?.includes("json");
    const answer = isJson ? await response.json() : {};
    if (response.ok) {
      unheard.splice(0, place + 1);
      if (seen && answer.seen) seen.value = answer.seen;
      tell(status?.dataset.saved);
      return;
    }
    unheard.splice(place, 1);
    if (response.status === 409 && place < unheard.length) return; // overtaken by a later form of this page
    if (response.status === 409) stop();
    tell(typeof answer.detail === "string" ? answer.detail : status?.dataset.failed, true);
  }

  async function save(keepalive = false) {
    clearTimeout(timer);
    timer = undefined;
    if (busy && !keepalive) {
      again = true;
      return;
    }
    again = false;
    busy = true;
    tell(status?.dataset.saving);
    const sent = body();
    const mine = plain(sent);
    unheard.push(mine);
    try {
      const response = await fetch(form.dataset.autosaveUrl, {
        method: "POST",
        headers: {
          "X-CSRF-Token": document.querySelector("meta[name=csrf-token]")?.content ?? "",
          Accept: "application/json",
        },
        body: sent,
        keepalive,
      });
      await hear(response, mine);
    } catch {
      tell(status?.dataset.failed, true);
    } finally {
      busy = false;
      if (again) save();
    }
  }

  function later() {
    if (!form.dataset.autosaveUrl) return;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", ({ submitter }) => {
    clearTimeout(timer);
    timer = undefined;
    again = false;
    leaving = plain(body(submitter));
  });
  window.addEventListener("pagehide", () => {
    if (timer !== undefined || again) save(true);
    if (leaving) unheard.push(leaving);
    leaving = undefined;
  });
}

document.querySelectorAll("form[data-autosave-url]").forEach(watch);
