// The print view: a sheet of its own, with the map drawn anew in its size and twice as fine.
const paper = (() => {
  let map = null, before = null;
  const lay = (legend, bounds, room) => {
    if (before) return;
    const stamp = document.querySelector(".stamp");
    const lists = [...document.querySelectorAll("#gaps, #gaps details")];
    before = {
      center: map.getCenter(), zoom: map.getZoom(), fine: L.Browser.retina, open: legend.open, home: legend.parentNode,
      lists: lists.filter((list) => !list.open),
      dated: make("p", "dated", put(words.printed, new Date().toLocaleDateString(document.documentElement.lang))),
      running: make("p", "running", stamp ? stamp.textContent : ""),
    };
    const shown = map.getBounds(), all = shown.contains(bounds);
    before.lists.forEach((list) => { list.open = true; });
    const foot = document.querySelector(".foot");
    foot.prepend(legend);
    foot.append(before.dated);
    document.body.append(before.running);
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
    before.lists.forEach((list) => { list.open = false; });
    before.dated.remove();
    before.running.remove();
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
