// The print view: one sheet with title, theme, map, legend and source; the map drawn anew in its size and twice as fine.
const paper = (() => {
  let map = null, before = null;
  const lay = (legend, bounds, room) => {
    if (before) return;
    before = {
      center: map.getCenter(), zoom: map.getZoom(), fine: L.Browser.retina, open: legend.open, home: legend.parentNode,
      dated: make("p", "dated", put(words.printed, new Date().toLocaleDateString(document.documentElement.lang))),
      theme: make("p", "theme", words.theme + words.colon + cityMap.theme()),
    };
    const shown = map.getBounds(), all = shown.contains(bounds);
    document.querySelector("header.top").append(before.theme);
    document.body.append(legend);
    document.querySelector(".foot").append(before.dated);
    document.documentElement.classList.add("paper");
    legend.open = true;
    map.closePopup();
    L.Browser.retina = true;
    map.invalidateSize({animate: false, pan: false});
    map.fitBounds(all ? bounds : shown, {animate: false, ...(all ? room() : {})});
  };
  const unlay = (legend) => {
    if (!before) return;
    document.documentElement.classList.remove("paper");
    before.theme.remove();
    before.dated.remove();
    before.home.append(legend);
    legend.open = before.open;
    L.Browser.retina = before.fine;
    map.invalidateSize({animate: false, pan: false});
    map.setView(before.center, before.zoom, {animate: false});
    before = null;
  };
  const start = (shownMap, legend, bounds, room) => {
    map = shownMap;
    window.addEventListener("beforeprint", () => lay(legend, bounds, room));
    window.addEventListener("afterprint", () => unlay(legend));
    document.getElementById("print").addEventListener("click", () => window.print());
  };
  return {start};
})();
