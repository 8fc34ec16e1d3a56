// Small comforts for plain forms; every one of them works as a form without this file.

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

// On failure the summary names the fields and takes the focus, on load and after a swap.
function focusSummary(root = document) {
  const summary = root.querySelector("[data-error-summary]");
  for (const link of summary?.querySelectorAll("a") ?? []) {
    const name = nameOf(document.getElementById(link.hash.slice(1)));
    if (name) link.prepend(`${name}: `);
  }
  summary?.focus();
}

// What the page calls a field, without the word that it may be left out; of choices what they answer.
function nameOf(field) {
  const group = ["radio", "checkbox"].includes(field?.type) ? field.closest("fieldset") : field;
  const legend = group?.matches("fieldset") ? group.querySelector("legend") : null;
  const caption = legend ?? (field?.labels ? field.labels[0] : field?.closest("section")?.querySelector("h2"));
  return (caption?.firstChild?.textContent ?? field?.getAttribute("aria-label") ?? "").trim();
}

// Who signs up begins in the time zone the browser is in; without this file in UTC.
for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? field.value;
}

focusSummary();
document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.response?.status === 422) focusSummary();
});

// A choice in a menu closes it; the focus goes back to the button that opened it.
document.addEventListener("htmx:before:request", ({ target }) => target.closest?.(".menu:popover-open")?.hidePopover());

// What is hard to take back is asked first, in the words of the pressed button; the form is sent once they are agreed to.
function ask(form, pressed) {
  const dialog = document.getElementById("confirmation");
  const agree = dialog.querySelector("[data-agree]");
  dialog.querySelector("p").textContent = form.dataset.confirm;
  agree.textContent = pressed.textContent.trim().replaceAll(/\s+/g, " ");
  agree.className = `button ${pressed.matches(".danger") ? "danger" : "primary"}`;
  agree.onclick = () => {
    form.dataset.agreed = "true";
    dialog.close();
    form.requestSubmit(pressed);
  };
  dialog.onclose = () => comeBack(pressed);
  dialog.showModal();
}

// To the button that was pressed; out of a menu, closed by now, to the button of the menu.
function comeBack(pressed) {
  const menu = pressed.closest("[popover]:not(:popover-open)");
  (menu ? document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`) : pressed).focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.confirm && !form.dataset.agreed) {
    event.preventDefault();
    ask(form, event.submitter ?? [...form.elements].find(({ type }) => type === "submit"));
    return;
  }
  delete form.dataset.agreed;
  if (event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "true";
  event.submitter?.setAttribute("aria-busy", "true");
});
// Forms people write in are not left by accident, by a link or by the button of another form; what saves itself may be.
const written = new Set();
document.addEventListener("input", ({ target }) => {
  if (target.form?.querySelector("textarea")) written.add(target.form);
});
window.addEventListener("beforeunload", (event) => {
  const loses = (form) => form.isConnected && !form.dataset.sending && !form.dataset.autosaveUrl;
  if ([...written].some(loses)) event.preventDefault();
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// Rows of offers and briefs: a template whose names hold __n__.
function addRow(name) {
  const template = document.querySelector(`template[data-row-template="${CSS.escape(name)}"]`);
  if (!template) return;
  const used = [...document.querySelectorAll(`[name^="${CSS.escape(name)}-"]`)]
    .map((field) => Number.parseInt(field.name.slice(name.length + 1), 10))
    .filter(Number.isInteger);
  const next = Math.max(Number(template.dataset.next ?? 0), ...used.map((n) => n + 1), 0);
  template.dataset.next = String(next + 1);
  const shell = document.createElement("template");
  shell.innerHTML = template.innerHTML.replaceAll("__n__", String(next));
  const row = shell.content.firstElementChild;
  template.before(row);
  window.htmx?.process(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function removeRow(button) {
  const row = button.closest("[data-row]");
  const form = row?.closest("form");
  const neighbour = row?.nextElementSibling ?? row?.previousElementSibling;
  row?.remove();
  (neighbour?.querySelector?.("input, select, button") ?? form?.querySelector("[data-add-row]"))?.focus();
  form?.dispatchEvent(new Event("change", { bubbles: true }));
}

// Dialogs, for browsers whose buttons do not know the command themselves.
function obey(button) {
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog?.showModal();
  else dialog?.close();
}

// A file that would be refused is not sent at all; the form and what was typed stay.
document.addEventListener("change", ({ target }) => {
  const most = Number(target.dataset?.most);
  if (!most || [...target.files].every((file) => file.size <= most)) return;
  target.value = "";
  tell("toast", { text: target.dataset.tooLarge, kind: "bad" });
});

document.addEventListener("click", async (event) => {
  const add = event.target.closest("[data-add-row]");
  const remove = event.target.closest("[data-remove-row]");
  const copy = event.target.closest("[data-copy]");
  const command = "command" in HTMLButtonElement.prototype ? null : event.target.closest("[commandfor]");
  if (command) obey(command);
  if (add || remove) event.preventDefault();
  if (add) addRow(add.dataset.addRow);
  if (remove) removeRow(remove);
  if (copy) {
    const field = document.querySelector(copy.dataset.copy);
    field?.select?.();
    await navigator.clipboard?.writeText(field?.value ?? field?.textContent ?? "");
    tell("toast", { text: copy.dataset.copied });
  }
});
