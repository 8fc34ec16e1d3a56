// Ticks or unticks a column of a table in one go. Without scripts the buttons stay hidden: each box is ticked by itself.
// A button [data-pick] names the boxes of its own table.

for (const button of document.querySelectorAll("button[data-pick]")) {
  const named = [...button.closest("table").querySelectorAll("input[type=checkbox]")];
  const boxes = named.filter(({ name }) => name === button.dataset.pick);
  button.hidden = false;
  button.addEventListener("click", () => {
    const tick = boxes.some(({ checked }) => !checked);
    for (const box of boxes) box.checked = tick;
  });
}
