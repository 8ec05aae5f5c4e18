// The segment editor and the canvas: warns before leaving with unsaved changes, and finds a field by typing.
(() => {
  "use strict";
  const form = document.querySelector("form[data-leave-warning]");
  if (!form) return;
  let dirty = form.hasAttribute("data-dirty");
  const touch = () => { dirty = true; };
  form.addEventListener("input", (event) => { if (!event.target.matches("[data-field-search]")) touch(); });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.name === "do") touch();
  });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) { event.preventDefault(); event.returnValue = form.dataset.leaveWarning; }
  });

  const filter = (search) => {
    const typed = search.value.trim().toLocaleLowerCase();
    for (const group of search.parentElement.querySelectorAll("[data-field-group]")) {
      let any = false;
      for (const button of group.querySelectorAll("button")) {
        button.hidden = !button.textContent.toLocaleLowerCase().includes(typed);
        any = any || !button.hidden;
      }
      group.hidden = !any;
    }
  };
  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-field-search]")) { event.stopPropagation(); filter(event.target); }
  }, true);
  form.addEventListener("keydown", (event) => {
    const pop = event.target.closest("details.m-pop");
    if (event.key === "Escape" && pop) { pop.open = false; pop.querySelector("summary").focus(); }
    if (event.key === "Enter" && event.target.matches("[data-field-search]")) {
      event.preventDefault();
      const first = pop.querySelector("button.m-field:not([hidden])");
      if (first) first.click();
    }
  });
  form.addEventListener("toggle", (event) => {
    if (event.target.matches("details.m-pop") && event.target.open) event.target.querySelector("[data-field-search]").focus();
  }, true);

  // What is typed while the builder is on its way to the server is not lost when the answer replaces it.
  const builder = form.querySelector("#builder");
  const typed = () => new Map(Array.from(builder?.querySelectorAll("input.form-control[name]") ?? [], (it) => [it.name, it.value]));
  let asked = null;
  let kept = null;
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === builder) asked = event.detail.elt.value?.startsWith("remove:") ? null : typed();
  });
  form.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== builder || !asked) return;
    kept = [...typed()].filter(([name, value]) => asked.has(name) && asked.get(name) !== value);
  });
  form.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== builder || !kept) return;
    for (const [name, value] of kept) {
      const field = builder.querySelector(`input.form-control[name="${name}"]`);
      if (field) { field.value = value; field.dispatchEvent(new Event("input", { bubbles: true })); }
    }
    asked = kept = null;
  });

  // After a condition is added or changed, the keyboard goes on where the change happened.
  form.addEventListener("htmx:afterSettle", (event) => {
    const made = event.detail.requestConfig && event.detail.requestConfig.parameters;
    const did = made && made.get ? made.get("do") : made && made.do;
    if (!did || !did.startsWith("add:")) return;
    const group = did.split(":")[1];
    const fields = form.querySelectorAll(`select[name^="${group}_"][name$=".field"]`);
    const last = Array.from(fields).filter((it) => it.name.split("_").length === group.split("_").length + 1).pop();
    const value = last && last.closest(".m-condition").querySelector(".m-c-value input, .m-c-value select");
    if (value) value.focus();
  });
})();
