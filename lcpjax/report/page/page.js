"use strict";
const text = (row, index) => row.cells[index].textContent.trim();
const compare = (first, second) => {
  const numbers = [Number(first), Number(second)];
  const areNumbers = first !== "" && second !== "" && numbers.every((each) => !Number.isNaN(each));
  return areNumbers ? numbers[0] - numbers[1] : first.localeCompare(second);
};
for (const button of document.querySelectorAll("table.sortable th button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement;
    const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of head.parentElement.cells) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", direction);
    const body = head.closest("table").tBodies[0];
    const sign = direction === "ascending" ? 1 : -1;
    const rows = [...body.rows].sort((a, b) => sign * compare(text(a, head.cellIndex), text(b, head.cellIndex)));
    body.append(...rows);
  });
}
// Printed pages hold everything that is folded on the screen.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const each of opened) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of opened) each.open = false;
});
