// What a page says about the last action, moved into the live region, where it is read out once.
(() => {
  "use strict";
  const SHOWN = 3000;

  const close = (toast) => {
    toast.remove();
    const region = document.getElementById("toasts");
    if (region && !region.children.length) region.hidePopover();
  };

  // Whoever points at it or tabs into it has all the time he wants.
  const fade = (toast) => {
    let timer = setTimeout(close, SHOWN, toast);
    const stop = () => clearTimeout(timer);
    const start = () => {
      stop();
      timer = setTimeout(close, SHOWN, toast);
    };
    for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
  };

  const show = (toast) => {
    // All that lies outside an open dialog cannot be reached.
    const inDialog = document.getElementById("dialog")?.open;
    const region = document.getElementById(inDialog ? "dialog-toasts" : "toasts");
    if (!region) return;
    toast.removeAttribute("data-said");
    region.append(toast);
    if (!inDialog) region.showPopover();
    toast.querySelector("[data-close]")?.addEventListener("click", () => close(toast));
    if (!toast.hasAttribute("data-stays")) fade(toast);
  };

  const collect = () => document.querySelectorAll("[data-said]").forEach(show);
  document.addEventListener("DOMContentLoaded", collect);
  document.addEventListener("htmx:after:swap", collect);

  // No answer, or one that is no page: said in place, nothing that was typed is lost.
  const failed = () => {
    const pattern = document.getElementById("toast-failed");
    if (pattern) show(pattern.content.firstElementChild.cloneNode(true));
  };
  document.addEventListener("htmx:error", failed);
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.status >= 500) failed();
  });
})();
