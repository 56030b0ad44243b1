"use strict";
// Draws the figures of this page from the data beside them, in the colours that suit the reader's light or dark screen.
(() => {
  const swap = JSON.parse(document.getElementById("colour-swap").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const holders = [...document.querySelectorAll("[data-figure]")];

  const coloured = (text, isDark) =>
    isDark ? text.replace(/#[0-9a-f]{6}/g, (colour) => swap[colour] ?? colour) : text;

  const draw = (holder, isDark) => {
    const text = document.getElementById(holder.dataset.figure).textContent;
    const figure = JSON.parse(coloured(text, isDark));
    if (holder.closest(".square")) {
      figure.layout.height = Math.min(figure.layout.height, holder.clientWidth);
      holder.style.height = `${figure.layout.height}px`;
    }
    return Plotly.react(holder, figure.data, figure.layout, { displayModeBar: false, responsive: true, scrollZoom: false });
  };

  const drawAll = (isDark) => holders.forEach((holder) => draw(holder, isDark));

  // One figure after the other, so that the page can be scrolled meanwhile; a new turn ends the one before.
  let turn = 0;
  const drawInTurn = (isDark) => {
    const [mine, rest] = [++turn, [...holders]];
    delete document.documentElement.dataset.drawn;
    const next = () => {
      if (mine !== turn) return;
      if (!rest.length) {
        document.documentElement.dataset.drawn = "all";
        return;
      }
      draw(rest.shift(), isDark);
      setTimeout(next);
    };
    next();
  };
  drawInTurn(dark.matches);
  dark.addEventListener("change", () => drawInTurn(dark.matches));
  // paper is light, whatever the screen is
  window.addEventListener("beforeprint", () => {
    turn += 1;
    drawAll(false);
  });
  window.addEventListener("afterprint", () => drawInTurn(dark.matches));

  // The part that is being read is marked among the links.
  const links = new Map([...document.querySelectorAll('nav a')].map((link) => [link.hash.slice(1), link]));
  const reading = new IntersectionObserver((seen) => seen.forEach(({ target, isIntersecting }) => {
    const link = links.get(target.id);
    if (!isIntersecting) return link.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    const row = link.closest("ol");
    row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  }), { rootMargin: "-30% 0px -70% 0px" });
  document.querySelectorAll("main > section").forEach((part) => reading.observe(part));
})();
