// Kanban by drag. The card moves at once; a refusal puts it back and says why.
// Needs the Sortable script before it. A card's menu is one for the whole board; without this file it is a link
// to a page with the same choice.

const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
let origin = null;

function putBack(card, from, next) {
  const home = from.isConnected ? from : null;
  if (!home) return;
  home.insertBefore(card, next?.parentElement === home ? next : null);
}

function focusCard(dealId) {
  document.querySelector(`#board [data-deal-id="${CSS.escape(dealId)}"] a`)?.focus();
}

// The answer holds the board and its summary as they now are: sums and counts of the columns included.
function replaceBoard(html, dealId, focus) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const fresh = answer.getElementById("board");
  const board = document.getElementById("board");
  if (!fresh || !board) return;
  const scrolled = board.scrollLeft;
  const focused = focus || board.contains(document.activeElement);
  board.replaceWith(fresh);
  fresh.scrollLeft = scrolled;
  const summary = answer.getElementById("board-summary");
  if (summary) document.getElementById("board-summary")?.replaceWith(summary);
  if (focused) focusCard(dealId);
  start();
}

async function move(card, from, next, focus = false) {
  const stage = card.closest("[data-board-stage]");
  const { dealId, version } = card.dataset;
  card.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`/deals/${dealId}/stage`, {
      method: "POST",
      headers: { "X-CSRF-Token": token, Accept: "text/html", "HX-Request": "true" },
      body: new URLSearchParams({ stage_id: stage.dataset.stageId, version: version ?? "" }),
    });
    const elsewhere = response.headers.get("HX-Redirect");
    if (elsewhere) {
      location.assign(elsewhere);
      return;
    }
    const body = await response.text();
    if (!response.ok) {
      putBack(card, from, next);
      if (focus) focusCard(dealId);
      tell("refused", { body, type: response.headers.get("Content-Type") ?? "", keyboard: focus });
      return;
    }
    replaceBoard(body, dealId, focus);
    const undo = "asks" in from.dataset ? null : () => takeBack(dealId, from.dataset.stageId);
    tell("toast", { text: stage.dataset.moved, undo });
  } catch {
    putBack(card, from, next);
    tell("offline-request");
  } finally {
    card.removeAttribute("aria-busy");
  }
}

function takeBack(dealId, stageId) {
  const card = document.querySelector(`#board [data-deal-id="${CSS.escape(dealId)}"]`);
  const home = stageOf(stageId);
  if (!card || !home) return;
  const from = card.parentElement;
  const next = card.nextElementSibling;
  home.prepend(card);
  move(card, from, next, true);
}

const stageOf = (id) => document.querySelector(`#board [data-stage-id="${CSS.escape(id)}"]`);

// What keeps a card out of stages of a kind, if anything; the menu knows it in words.
function barOf(card, { kind }) {
  const bars = (card.dataset.barred ?? "").split(" ").map((pair) => pair.split(":"));
  return bars.find(([barred]) => barred === kind)?.[1];
}

// A card let go over a stage it may not enter goes back at once.
function drop(card, to, from, next) {
  const bar = barOf(card, to.dataset);
  if (!bar) {
    move(card, from, next);
    return;
  }
  putBack(card, from, next);
  tell("toast", { text: menu.dataset[bar], kind: "bad" });
}

function start() {
  for (const list of document.querySelectorAll("[data-board-stage]")) {
    if (window.Sortable.get(list)) continue;
    window.Sortable.create(list, {
      group: "deals",
      draggable: "[data-deal-id]",
      filter: ".button",
      preventOnFilter: false,
      sort: false,
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      delay: 200,
      delayOnTouchOnly: true,
      ghostClass: "drop-ghost",
      chosenClass: "chosen",
      dragClass: "dragging",
      onStart: ({ item, from }) => { origin = { from, next: item.nextElementSibling }; },
      onEnd: ({ item, from, to }) => {
        const { next } = origin ?? {};
        origin = null;
        if (to !== from) drop(item, to, from, next);
      },
    });
  }
}

// One menu serves every card: it is opened at the card's button and remembers whose it is.
const menu = document.getElementById("move-menu");
let chosen = null;

function openMenu(button) {
  chosen = button.closest("[data-deal-id]");
  const here = chosen.closest("[data-board-stage]").dataset.stageId;
  const told = new Set();
  for (const choice of menu.querySelectorAll("[data-move-to]")) {
    const stage = stageOf(choice.dataset.moveTo);
    const stays = choice.dataset.moveTo === here;
    const bar = stays || !stage ? undefined : barOf(chosen, stage.dataset);
    choice.disabled = stays || Boolean(bar);
    choice.querySelector("[data-why]").textContent = bar && !told.has(bar) ? menu.dataset[bar] : "";
    told.add(bar);
  }
  menu.showPopover({ source: button });
  menu.querySelector("[data-move-to]:enabled")?.focus();
}

function moveChosen(stageId) {
  const stage = stageOf(stageId);
  menu.hidePopover();
  if (!stage || !chosen?.isConnected) return;
  if ("asks" in stage.dataset) {
    location.assign(`/deals/${chosen.dataset.dealId}/move?back=board&stage_id=${stageId}`);
    return;
  }
  const from = chosen.parentElement;
  const next = chosen.nextElementSibling;
  stage.prepend(chosen);
  move(chosen, from, next, true);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  const choice = event.target.closest("[data-move-to]");
  if (button && menu) {
    event.preventDefault();
    openMenu(button);
  }
  if (choice) moveChosen(choice.dataset.moveTo);
});

menu?.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const choices = [...menu.querySelectorAll("[data-move-to]:enabled")];
  choices.at((choices.indexOf(document.activeElement) + step) % choices.length)?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const button = event.target.closest("[data-deal-id]")?.querySelector("[data-move]");
  if (!button || !menu) return;
  event.preventDefault();
  openMenu(button);
});

if (window.Sortable) start();
