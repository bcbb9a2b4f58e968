// A link marked data-dialog opens its page as a dialog; without scripts it is a page like any other.
(() => {
  "use strict";
  let opener = null;

  const dialog = () => document.getElementById("dialog");
  const body = () => document.getElementById("dialog-body");

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-dialog]");
    if (link) opener = link.id;
    if (event.target.closest?.("[data-close-dialog]") && dialog()?.open) {
      event.preventDefault();
      dialog().close();
    }
  });

  // What was wrong with a dialog's form is said in the dialog.
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.response.status !== 422 || !dialog()?.open || !dialog().contains(ctx.sourceElement)) return;
    Object.assign(ctx, { target: body(), select: "#content > *", swap: "innerHTML", push: "false" });
  });

  document.addEventListener("htmx:after:swap", (event) => {
    const { ctx } = event.detail;
    const shown = dialog();
    if (!shown) return;
    if (ctx.target?.id === "dialog-body") {
      if (!shown.open) shown.showModal();
      (body().querySelector("[aria-invalid=true], [autofocus]") ?? body().querySelector("h1, h2"))?.focus();
    } else if (shown.open && ctx.response?.status < 400 && shown.contains(ctx.sourceElement)) {
      shown.close();
    }
  });

  document.addEventListener("close", (event) => {
    if (event.target !== dialog()) return;
    body().replaceChildren();
    document.getElementById("dialog-toasts").replaceChildren();
    document.getElementById(opener)?.focus();
    opener = null;
  }, true);
})();
