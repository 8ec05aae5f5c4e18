// What every page does: toasts, the search palette, keys, small components. Words come from the page, never from here.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  // --- Toasts: leave after a while, unless they tell of an error or offer an undo that is being looked at ---------
  const leave = (toast) => {
    if (toast.dataset.timed || toast.dataset.toast === "error") return;
    toast.dataset.timed = "1";
    let timer = setTimeout(() => toast.remove(), toast.querySelector("form") ? 12000 : 6000);
    const hold = () => clearTimeout(timer);
    const release = () => { hold(); timer = setTimeout(() => toast.remove(), 3000); };
    toast.addEventListener("mouseenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("mouseleave", release);
    toast.addEventListener("focusout", release);
  };
  const toasts = (root = document) => $$("[data-toast]", root).forEach(leave);

  // --- The palette ---------------------------------------------------------------------------------------------
  const palette = $("#palette");
  let chosen = 0;
  let asked = null;
  const options = () => $$("[role=option]", palette);
  const choose = (index) => {
    const all = options();
    if (!all.length) return;
    chosen = (index + all.length) % all.length;
    all.forEach((item, place) => item.setAttribute("aria-selected", String(place === chosen)));
    all[chosen].id ||= `palette-option-${chosen}`;
    $("#palette-text").setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const url = `${palette.dataset.url}?q=${encodeURIComponent($("#palette-text").value)}`;
      const answer = await fetch(url, { signal: asked.signal, headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return;
      $("#palette-results").innerHTML = await answer.text();
      choose(0);
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  const openPalette = () => {
    if (!palette || palette.open) return;
    palette.showModal();
    const text = $("#palette-text");
    text.value = "";
    text.focus();
    ask();
  };
  if (palette) {
    let wait;
    $("#palette-text").addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(ask, 120); });
    palette.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
      if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen - 1); }
      if (event.key === "Enter") { event.preventDefault(); options()[chosen]?.click(); }
      if (event.key === "Escape") { event.preventDefault(); event.target.blur(); palette.close(); }
    });
  }

  // --- Keys ------------------------------------------------------------------------------------------------------
  const rows = () => $$(".c-table tbody tr").filter((row) => row.querySelector("a.c-rowlink"));
  const focusRow = (step) => {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.classList.contains("is-focused"));
    const next = now < 0 ? 0 : Math.min(Math.max(now + step, 0), all.length - 1);
    all.forEach((row, index) => row.classList.toggle("is-focused", index === next));
    all[next].querySelector("a.c-rowlink").focus({ preventScroll: true });
    all[next].scrollIntoView({ block: "nearest" });
  };
  let afterG = -Infinity;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "k") { event.preventDefault(); openPalette(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (event.timeStamp - afterG < 1500) {
      afterG = -Infinity;
      const link = $$("[data-letter]").find((item) => item.dataset.letter === event.key);
      if (link) { event.preventDefault(); link.click(); return; }
    }
    if (event.key === "g") afterG = event.timeStamp;
    else if (event.key === "/") { event.preventDefault(); openPalette(); }
    else if (event.key === "?") { event.preventDefault(); $("#keys")?.showModal(); }
    else if (event.key === "j") focusRow(1);
    else if (event.key === "k") focusRow(-1);
    else if (event.key === "x") $("tr.is-focused .c-check")?.click();
  });

  // --- Clicks ------------------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at("[data-palette-open]")) openPalette();
    else if (at("[data-keys-open]")) $("#keys").showModal();
    else if (at("[data-toast-close]")) at("[data-toast]").remove();
    else if (at("[data-dialog-open]")) document.getElementById(at("[data-dialog-open]").dataset.dialogOpen)?.showModal();
    else if (at("[data-dialog-close]")) at("dialog")?.close();
    else if (at("[data-copy]")) copy(at("[data-copy]"));
    else if (event.target.matches("dialog")) event.target.close();
    $$("details.c-pop[open]").forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $$("details.c-pop[open]").forEach((pop) => { pop.open = false; pop.querySelector("summary").focus(); });
  });
  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      document.execCommand("copy");
    }
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  };

  // --- Confirmations: the button wakes when the count that was asked for is typed ---------------------------------
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-confirm-count]");
    if (!field) return;
    const typed = field.value.replace(/[^\d]/g, "");
    field.closest("dialog").querySelector("[data-confirm-go]").disabled = typed !== field.dataset.confirmCount;
  });

  // --- A file dropped or chosen shows its name ---------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const drop = event.target.closest(".c-drop");
    if (!drop || !event.target.files?.length) return;
    const file = event.target.files[0];
    const size = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
    const mega = file.size / 1_000_000;
    $("[data-drop-name]", drop).textContent =
      `${file.name} · ${mega >= 0.1 ? `${size.format(mega)} MB` : `${size.format(file.size / 1000)} kB`}`;
  });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      event.target.closest?.(".c-drop")?.classList.toggle("is-over", kind === "dragover");
    });
  }

  // --- Selecting rows of a table --------------------------------------------------------------------------------------
  const number = (value) => new Intl.NumberFormat(document.documentElement.lang, { useGrouping: "always" }).format(value);
  const refreshBulk = (table) => {
    const bar = $("[data-bulk]", table);
    if (!bar) return;
    const boxes = $$(".c-check", table);
    const picked = boxes.filter((box) => box.checked).length;
    const total = Number($(`#${table.id}-tools`).dataset.total);  // 0 until the page was told
    const whole = $("[data-bulk-all]", bar);
    const head = $("[data-check-page]", table);
    if (picked < boxes.length) whole.value = "";
    const count = whole.value ? total : picked;
    bar.hidden = count === 0;
    if (head) { head.checked = picked > 0 && picked === boxes.length; head.indeterminate = picked > 0 && picked < boxes.length; }
    $$("[data-bulk-count]", table).forEach((place) => { place.textContent = number(count); });
    $$("[data-bulk-confirm]", table).forEach((field) => { field.dataset.confirmCount = String(count); });
    $("[data-bulk-number]", bar).value = count;
    const more = $("[data-bulk-more]", bar);
    if (!more) return;
    more.hidden = Boolean(whole.value) || picked < boxes.length || total <= boxes.length;
    $("[data-bulk-total]", more).textContent = number(total);
  };
  document.addEventListener("change", (event) => {
    const table = event.target.closest("[data-table]");
    if (!table) return;
    if (event.target.matches("[data-check-page]")) {
      $$(".c-check", table).forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-check-page], .c-check")) refreshBulk(table);
  });
  document.addEventListener("click", (event) => {
    const table = event.target.closest("[data-table]");
    if (!table) return;
    if (event.target.closest("[data-bulk-more]")) {
      $("[data-bulk-all]", table).value = "1";
      refreshBulk(table);
    }
    if (event.target.closest("[data-bulk-none]")) {
      $$(".c-check, [data-check-page]", table).forEach((box) => { box.checked = false; });
      $("[data-bulk-all]", table).value = "";
      refreshBulk(table);
    }
  });

  // --- A filter that is not set stays out of the address -------------------------------------------------------------
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches("[data-filters]")) return;
    const kept = event.detail.parameters;
    for (const name of Object.keys(kept)) if (kept[name] === "") delete kept[name];
  });
  document.addEventListener("input", (event) => {
    const field = event.target.closest("[data-filters] select, [data-filters] details");
    if (!field) return;
    const set = field.matches("select") ? field.value !== "" : $$("input", field).some((input) => input.value);
    field.classList.toggle("is-set", set);
  });

  // --- htmx -----------------------------------------------------------------------------------------------------------
  let waiting = 0;
  const busy = (step) => {
    waiting = Math.max(0, waiting + step);
    $("#busy")?.classList.toggle("htmx-request", waiting > 0);
  };
  document.addEventListener("htmx:beforeRequest", (event) => { if (!event.target.closest("[data-quiet]")) busy(1); });
  document.addEventListener("htmx:afterRequest", (event) => { if (!event.target.closest?.("[data-quiet]")) busy(-1); });
  // --- On a phone the steps of a cycle are a strip: the one this page is on comes into sight ------------------------
  $$("nav:has([aria-current=step])").forEach((strip) => {
    const step = $("[aria-current=step]", strip).getBoundingClientRect();
    strip.scrollLeft += step.left + step.width / 2 - strip.getBoundingClientRect().left - strip.clientWidth / 2;
  });

  // --- A table wider than its box scrolls inside it; otherwise its heading stays in sight while the page scrolls ---
  const measure = (box) => {
    const wide = (box.querySelector("table")?.scrollWidth || 0) > box.clientWidth + 1;
    box.classList.toggle("c-table-wide", wide);
    if (wide) box.tabIndex = 0; else box.removeAttribute("tabindex");
  };
  const measured = new ResizeObserver((entries) => entries.forEach((entry) => measure(entry.target)));
  const boxes = () => $$(".c-table-box").forEach((box) => measured.observe(box));
  boxes();
  document.addEventListener("htmx:load", boxes);
  document.addEventListener("htmx:load", (event) => {
    toasts(event.target.parentElement || document);
    $$("[data-table]").forEach(refreshBulk);
  });
  document.addEventListener("htmx:responseError", (event) => {
    const html = event.detail.xhr.getResponseHeader("X-Toast") ? event.detail.xhr.responseText : "";
    if (!html) { location.reload(); return; }
    $("#toasts").insertAdjacentHTML("beforeend", html);
    toasts();
  });
  document.addEventListener("htmx:sendError", () => {
    const lost = $("#toast-lost");
    if (!lost || $("#toasts [data-lost]")) return;
    $("#toasts").append(lost.content.cloneNode(true));
  });

  document.addEventListener("DOMContentLoaded", () => toasts());
  if (document.readyState !== "loading") toasts();
  const restore = () => $$("[data-table]").forEach(refreshBulk);
  window.addEventListener("pageshow", restore);
})();
