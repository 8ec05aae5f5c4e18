// Writing with a net: saves while one types, shows a conflict instead of overwriting, keeps words when the line drops.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const code = $("[data-code]");
  const form = $("[data-editor]");

  // --- line numbers -------------------------------------------------------------------------------------------
  const lines = $("[data-lines]");
  const number = () => {
    if (!lines) return;
    const count = code.value.split("\n").length;
    if (lines.childElementCount !== count) {
      lines.textContent = Array.from({ length: count }, (_, i) => i + 1).join("\n");
    }
    lines.scrollTop = code.scrollTop;
  };
  code?.addEventListener("input", number);
  code?.addEventListener("scroll", () => { if (lines) lines.scrollTop = code.scrollTop; });
  if (code) number();

  const goTo = (line) => {
    const start = code.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = code.value.indexOf("\n", start);
    code.focus();
    code.setSelectionRange(start, end < 0 ? code.value.length : end);
    code.scrollTop = Math.max(0, (line - 6) * 18);
  };

  // --- merge fields: into the field one wrote in last ----------------------------------------------------------
  let last = code;
  document.addEventListener("focusin", (event) => { if (event.target.matches("[data-merge]")) last = event.target; });
  document.addEventListener("click", (event) => {
    const pick = event.target.closest("[data-insert]");
    if (pick && last && !last.disabled) {
      const field = last;
      field.setRangeText(pick.dataset.insert, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      pick.closest("details").open = false;
      field.focus();
    }
    const there = event.target.closest("[data-goto]");
    if (there && code) goTo(Number(there.dataset.goto));
    $$("details.c-pop[open]").forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; });
  });

  // --- preview ---------------------------------------------------------------------------------------------------
  const box = $("[data-preview]");
  const frame = box && $("[data-frame]", box);
  const look = { dark: false, text: false };
  const show = () => {
    if (!frame) return;
    const url = new URL(frame.dataset.src, location.href);
    if (look.dark) url.searchParams.set("dark", "1");
    if (look.text) url.searchParams.set("part", "text");
    frame.src = url;
  };
  box?.addEventListener("click", (event) => {
    const width = event.target.closest("[data-width]");
    if (width) {
      $$("[data-width]", box).forEach((button) => button.setAttribute("aria-pressed", String(button === width)));
      frame.parentElement.classList.toggle("is-phone", width.dataset.width === "phone");
    }
    for (const what of ["dark", "text"]) {
      const toggle = event.target.closest(`[data-${what}]`);
      if (!toggle) continue;
      look[what] = !look[what];
      toggle.setAttribute("aria-pressed", String(look[what]));
      show();
    }
  });
  box?.addEventListener("change", (event) => {
    if (!event.target.matches("[data-reader]")) return;
    const url = new URL(frame.dataset.src, location.href);
    url.searchParams.set("contact", event.target.value);
    frame.dataset.src = url;
    $$("[data-follows-reader]", box).forEach((field) => { field.value = event.target.value; });
    show();
  });

  // --- saving ----------------------------------------------------------------------------------------------------
  if (!form || $("fieldset[disabled]", form)) return;
  const status = $("[data-status]", form);
  const mark = $("[name=started_from]", form);
  const faults = $("[data-faults]", form);
  const weight = $("[data-weight]", form);
  const key = `cauce:draft:${location.pathname}${location.search}`;
  let timer = 0, busy = false, again = false, stopped = false, dirty = false;

  const say = (text, bad = false) => { status.textContent = text; status.classList.toggle("c-bad", bad); };
  const tell = (rows) => {
    if (!faults || !rows) return;
    faults.replaceChildren(...rows.map((row) => {
      const line = document.createElement("p");
      line.className = `fault ${row.blocks ? "c-bad" : "c-warn"}`;
      if (row.line) {
        const button = document.createElement("button");
        button.type = "button"; button.className = "fault-line"; button.dataset.goto = row.line;
        button.textContent = `${form.dataset.line} ${row.line}`;
        line.append(button, " ");
      }
      line.append(row.message);
      return line;
    }));
  };
  const save = async () => {
    if (stopped) return;
    if (busy) { again = true; return; }
    busy = true; dirty = false;
    say(form.dataset.saving);
    try {
      const answer = await fetch(location.href, {
        method: "POST", body: new FormData(form), headers: { "X-Autosave": "1", Accept: "application/json" }, redirect: "manual",
      });
      const data = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
      if (answer.ok && data) {
        mark.value = data.mark;
        localStorage.removeItem(key);
        say(form.dataset.saved);
        tell(data.faults);
        if (weight && "kilobytes" in data) weight.textContent = data.kilobytes ? `${data.kilobytes} KB` : "";
        show();
      } else if (answer.status === 409) {
        stopped = true;  // saving by hand shows both wordings
        say(data?.error ?? form.dataset.unsaved, true);
      } else {
        dirty = true;
        say(data?.error ?? form.dataset.offline, true);
      }
    } catch {
      dirty = true;
      say(form.dataset.offline, true);
      timer = setTimeout(save, 5000);
    }
    busy = false;
    if (again) { again = false; save(); }
  };
  form.addEventListener("input", () => {
    dirty = true;
    say(stopped ? status.textContent : form.dataset.unsaved, stopped);
    try { localStorage.setItem(key, code.value); } catch { /* a full store loses only the second copy */ }
    clearTimeout(timer);
    timer = setTimeout(save, 900);
  });
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); localStorage.removeItem(key); });
  window.addEventListener("beforeunload", (event) => { if (dirty && !stopped) { save(); event.preventDefault(); } });
})();
