// The token that every write brings along, and typed text that outlives a session.
(() => {
  "use strict";
  const KEPT = "typed:";

  document.addEventListener("htmx:config:request", (event) => {
    const token = document.querySelector("meta[name=csrf-token]")?.content;
    if (token) event.detail.ctx.request.headers["X-CSRF-Token"] = token;
  });

  // The session has ended: whoever signs in again finds what was typed where it was typed.
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    const form = ctx.sourceElement?.closest("form");
    if (!form || !ctx.hx.redirect?.startsWith("/signin")) return;
    const page = new URL(form.dataset.page ?? location.href, location.href);
    const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token" && name !== "once");
    sessionStorage.setItem(KEPT + page.pathname, JSON.stringify({ form: form.id, typed }));
  });

  const restore = () => {
    const kept = sessionStorage.getItem(KEPT + location.pathname);
    if (!kept) return;
    const { form: id, typed } = JSON.parse(kept);
    const form = document.getElementById(id);
    if (!form) return;
    sessionStorage.removeItem(KEPT + location.pathname);
    for (const [name, value] of typed) {
      for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "checkbox" || field.type === "radio") field.checked = field.checked || field.value === value;
        else field.value = value;
      }
    }
    form.querySelector("[data-restored]")?.removeAttribute("hidden");
  };

  document.addEventListener("DOMContentLoaded", restore);
})();
