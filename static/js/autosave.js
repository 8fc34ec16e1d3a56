// Forms with data-autosave-url save themselves 600 ms after the last change.
// [data-save-status] in the form says so, in the words of its data-saving, -saved and -failed.

const PAUSE = 600;

function watch(form) {
  const status = form.querySelector("[data-save-status]");
  const say = (key) => { if (status) status.textContent = status.dataset[key] ?? ""; };
  let timer;
  let busy = false;
  let again = false;

  function body() {
    const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    return new URLSearchParams(fields);
  }

  async function save(keepalive = false) {
    clearTimeout(timer);
    timer = undefined;
    if (busy && !keepalive) {
      again = true;
      return;
    }
    busy = true;
    say("saving");
    try {
      const response = await fetch(form.dataset.autosaveUrl, {
        method: "POST",
        headers: {
          "X-CSRF-Token": document.querySelector("meta[name=csrf-token]")?.content ?? "",
          Accept: "application/json",
        },
        body: body(),
        keepalive,
      });
      say(response.ok ? "saved" : "failed");
      const isJson = response.headers.get("Content-Type")?.includes("json");
      const answer = isJson ? await response.json() : {};
      if (!response.ok && typeof answer.detail === "string" && status) status.textContent = answer.detail;
      const version = form.elements.namedItem("version");
      if (response.ok && answer.version !== undefined && version) version.value = answer.version;
    } catch {
      say("failed");
    } finally {
      busy = false;
      if (again) {
        again = false;
        save();
      }
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    timer = undefined;
  });
  window.addEventListener("pagehide", () => { if (timer !== undefined) save(true); });
}

document.querySelectorAll("form[data-autosave-url]").forEach(watch);
