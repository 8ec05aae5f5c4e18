// Draws every [data-chart] from the specification beside it, in the colours of the theme; again when the theme changes.
(() => {
  "use strict";
  const language = document.documentElement.lang || "en";
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--c-${name}`).trim();
  const names = { surface: "surface", "shade-0": "accent-soft", "shade-1": "chart-1" };

  // Colours are written as token names; here they become what the theme makes of them.
  const coloured = (value) => {
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item)]));
    if (typeof value === "string" && (/^chart-\d$/.test(value) || value in names)) return token(names[value] || value);
    return value;
  };
  const writer = (data, short) => {
    const style = {
      number: { maximumFractionDigits: 2, useGrouping: "always" },
      percent: { style: "percent", maximumFractionDigits: 1 },
      money: { style: "currency", currency: data.currency, currencyDisplay: "narrowSymbol", useGrouping: "always" },
    }[data.format];
    const long = new Intl.NumberFormat(language, style);
    const brief = new Intl.NumberFormat(language, { ...style, notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 });
    return (value) => {
      if (value === null || value === undefined || Number.isNaN(value)) return "–";
      return short && Math.abs(value) >= 10000 ? brief.format(value) : short && data.format === "money" ? brief.format(value) : long.format(value);
    };
  };
  const escape = (text) => { const place = document.createElement("i"); place.textContent = text; return place.innerHTML; };
  const dressed = (data) => {
    const option = coloured(structuredClone(data.option));
    const short = writer(data, true);
    const long = writer(data, false);
    const text = { color: token("muted"), fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
    option.textStyle = { fontFamily: text.fontFamily };
    option.animation = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    option.animationDuration = 300;
    for (const axis of [option.xAxis, option.yAxis]) {
      axis.axisLabel = { ...text, hideOverlap: true, ...(axis.type === "value" ? { formatter: short } : {}) };
      axis.axisLine ??= { lineStyle: { color: token("line") } };
      axis.splitLine ??= { show: axis.type === "value", lineStyle: { color: token("chart-grid") } };
    }
    for (const series of option.series) {
      if (series.label?.show) {
        series.label.color = series.type === "heatmap" ? undefined : token("text");
        series.label.formatter = (point) => point.data?.note ?? long(Array.isArray(point.value) ? point.value[2] : point.value);
        if (series.type === "heatmap") heated(series, option.visualMap, long);
      }
      if (series.endLabel?.show) series.endLabel.color = token("text");
    }
    if (option.legend) option.legend.textStyle = text;
    option.tooltip = {
      ...option.tooltip,
      confine: true,
      backgroundColor: token("surface"),
      borderColor: token("line"),
      padding: [8, 12],
      textStyle: { color: token("text"), fontSize: 12, fontFamily: text.fontFamily },
      extraCssText: "border-radius:8px;box-shadow:var(--c-shadow-pop);font-variant-numeric:tabular-nums",
      formatter: (points) => {
        const all = Array.isArray(points) ? points : [points];
        if (all[0].seriesType === "heatmap") {
          const [x, y, value] = all[0].value;
          return `${escape(option.yAxis.data[y])} · ${escape(option.xAxis.data[x])}<br><b>${escape(long(value))}</b>`;
        }
        const lines = all.map((point) => `<div>${point.marker}${escape(point.seriesName)} &nbsp;<b>${escape(long(point.value))}</b></div>`);
        return `<div>${escape(all[0].axisValueLabel ?? all[0].name)}</div>${lines.join("")}`;
      },
    };
    return option;
  };
  // The number in a tile is dark or light, whichever reads on its shade.
  const heated = (series, map, long) => {
    series.data = series.data.map((cell) => ({
      value: cell,
      label: { color: cell[2] / map.max > 0.5 ? token("on-accent") : token("text"), formatter: long(cell[2]) },
    }));
  };

  const drawn = new Map();
  const draw = (figure) => {
    const place = document.getElementById(figure.dataset.chart);
    const source = document.getElementById(`${figure.dataset.chart}-data`);
    if (!place || !source) return;
    const data = JSON.parse(source.textContent);
    drawn.get(place)?.dispose();
    const chart = echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(dressed(data));
    if (data.links.length) {
      chart.on("click", (point) => { if (data.links[point.dataIndex]) location.assign(data.links[point.dataIndex]); });
    }
    drawn.set(place, chart);
    resized.observe(place);
  };
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => drawn.get(entry.target)?.resize()));
  const all = (root = document) => {
    for (const place of [...drawn.keys()]) if (!place.isConnected) { drawn.get(place).dispose(); drawn.delete(place); }
    root.querySelectorAll("[data-chart]").forEach(draw);
  };
  document.addEventListener("DOMContentLoaded", () => all());
  if (document.readyState !== "loading") all();
  document.addEventListener("cauce:theme", () => all());
  document.addEventListener("htmx:load", (event) => all(event.target.parentElement || document));
  document.fonts?.ready.then(() => all());
})();
