// After a swap the keyboard stays where it was: on the same control, its successor in the row, or the next row.
(() => {
  "use strict";
  let left = null;

  document.addEventListener("htmx:before:swap", () => {
    const active = document.activeElement;
    const row = active?.closest("[data-row]");
    const rows = row ? [...row.parentElement.querySelectorAll(":scope > [data-row]")] : [];
    left = { control: active?.id, row: row?.id, following: rows[rows.indexOf(row) + 1]?.id };
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx.response?.status === 422) {
      document.querySelector("#content [aria-invalid=true]")?.focus();
      return;
    }
    if (!left || (document.activeElement && document.activeElement !== document.body)) return;
    if (document.getElementById("dialog")?.open) return;
    const place = [left.control, left.row, left.following].map((id) => id && document.getElementById(id)).find(Boolean);
    const target = place?.matches("[data-row]") ? place.querySelector("[data-heading], a, button") : place;
    (target ?? document.querySelector("#content h1"))?.focus();
  });
})();
