// People who clicked, running total, one line per variant.
(() => {
  const place = document.querySelector("[data-results] .results-canvas");
  const data = JSON.parse(document.getElementById("results-chart").textContent);
  if (!place || !window.echarts) return;
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const chart = window.echarts.init(place, null, { renderer: "svg" });
  const draw = () => {
    const line = { lineStyle: { color: token("--c-line") } };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "inherit", color: token("--c-muted") },
      color: [1, 2, 3, 4, 5, 6].map((n) => token(`--c-chart-${n}`)),
      grid: { left: 8, right: 40, top: 16, bottom: 8, containLabel: true },
      tooltip: { trigger: "axis" },
      xAxis: { type: "time", axisLine: line, axisTick: { show: false }, axisLabel: { color: token("--c-muted"), hideOverlap: true } },
      yAxis: { type: "value", min: 0, minInterval: 1, splitLine: { lineStyle: { color: token("--c-chart-grid") } }, axisLabel: { color: token("--c-muted") } },
      series: data.series.map((series) => ({
        name: series.name, type: "line", step: "end", showSymbol: data.x.length < 3, lineStyle: { width: 2 },
        endLabel: { show: true, formatter: "{a}", color: "inherit", fontWeight: 600 },
        data: data.x.map((at, i) => [at, series.values[i]]),
      })),
    }, true);
  };
  draw();
  new ResizeObserver(() => chart.resize()).observe(place);
  document.addEventListener("cauce:theme", draw);
})();
