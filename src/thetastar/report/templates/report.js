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
    const scene = figure.layout.scene;
    if (scene) {
      // a solid in a narrow frame is seen from farther away, or its labels would be cut off
      const away = Math.max(1, (1.1 * figure.layout.height) / holder.clientWidth);
      for (const axis of ["x", "y", "z"]) scene.camera.eye[axis] *= away;
    }
    if (holder.closest(".square")) {
      figure.layout.height = Math.min(figure.layout.height, holder.clientWidth);
      holder.style.height = `${figure.layout.height}px`;
    }
    return Plotly.react(holder, figure.data, figure.layout, { displayModeBar: false, responsive: true, scrollZoom: false });
  };

  // Solids need WebGL, which a browser may lack: words in their place say where else the same can be seen.
  const solid = holders.filter((holder) => holder.dataset.instead);
  const canvas = document.createElement("canvas");
  const flat = solid.length && !(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  for (const holder of flat ? solid : []) {
    const words = document.createElement("p");
    words.textContent = holder.dataset.instead;
    words.className = "quiet";
    [...holder.parentElement.children].forEach((child) => child.matches("h3") || child.remove());
    document.getElementById(`${holder.dataset.figure}-title`).after(words);
    holders.splice(holders.indexOf(holder), 1);
  }

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
  // paper is light, whatever the screen is, and nothing on it can be unfolded
  let unfolded = [];
  window.addEventListener("beforeprint", () => {
    turn += 1;
    unfolded = [...document.querySelectorAll("details:not([open])")];
    unfolded.forEach((part) => (part.open = true));
    drawAll(false);
  });
  window.addEventListener("afterprint", () => {
    unfolded.forEach((part) => (part.open = false));
    drawInTurn(dark.matches);
  });

  // The part that is being read is marked among the links: the one a little below them, as a part may be short.
  const links = new Map([...document.querySelectorAll('nav a')].map((link) => [link.hash.slice(1), link]));
  const reading = new IntersectionObserver((seen) => seen.forEach(({ target, isIntersecting }) => {
    const link = links.get(target.id);
    if (!isIntersecting) return link.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    const row = link.closest("ol");
    row.scrollLeft = link.offsetLeft - row.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
  }), { rootMargin: "-20% 0px -80% 0px" });
  document.querySelectorAll("main > section").forEach((part) => reading.observe(part));
})();
