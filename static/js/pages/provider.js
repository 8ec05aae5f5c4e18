// A provider's form shows the fields that the chosen kind of provider needs, and what to know of it.
(() => {
  const form = document.querySelector("[data-provider]");
  const fields = JSON.parse(document.getElementById("provider-fields").textContent);
  const kind = form.elements.kind;
  const every = new Set(Object.values(fields).flat());

  const show = () => {
    const needed = new Set(fields[kind.value]);
    every.forEach((name) => { form.querySelector(`#div_id_${name}`).hidden = !needed.has(name); });
    form.querySelectorAll(".row, .row > div").forEach((row) => {
      row.hidden = [...row.querySelectorAll("[id^=div_id_]")].every((field) => field.hidden);
    });
    const spoken = kind.value === "smtp" ? "" : kind.value === "ses" ? "ses" : "api";
    document.querySelectorAll("[data-kind]").forEach((one) => { one.hidden = one.dataset.kind !== spoken; });
  };
  kind.addEventListener("change", show);
  show();
})();
