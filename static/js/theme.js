// Runs before the first paint: a page whose theme is "auto" follows the device, now and when it changes.
(() => {
  const root = document.documentElement;
  if (root.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    root.dataset.bsTheme = dark.matches ? "dark" : "light";
    document.dispatchEvent(new CustomEvent("cauce:theme"));
  };
  follow();
  dark.addEventListener("change", follow);
})();
