// Distances and areas on the WGS 84 ellipsoid.
const ruler = (() => {
  const A = 6378137, E2 = 0.00669437999014, turn = Math.PI / 180;
  const across = (lat) => A / Math.sqrt(1 - E2 * Math.sin(lat * turn) ** 2);        // radius of the prime vertical
  const along = (lat) => across(lat) * (1 - E2) / (1 - E2 * Math.sin(lat * turn) ** 2);  // of the meridian
  const distance = (a, b) => {  // Gauss's mid-latitude formula
    const middle = (a.lat + b.lat) / 2, east = (b.lng - a.lng) * turn, north = (b.lat - a.lat) * turn;
    return Math.hypot(across(middle) * Math.cos(middle * turn) * east, along(middle) * north);
  };
  const area = (points) => {  // shoelace in a sinusoidal projection, which keeps areas
    const mean = (of) => points.reduce((sum, at) => sum + at[of], 0) / points.length;
    const lat0 = mean("lat"), lng0 = mean("lng");
    const flat = points.map(({lat, lng}) => [
      across(lat) * Math.cos(lat * turn) * (lng - lng0) * turn, along((lat + lat0) / 2) * (lat - lat0) * turn,
    ]);
    return Math.abs(flat.reduce((sum, [x, y], k) => {
      const [u, v] = flat[(k + 1) % flat.length];
      return sum + (x * v - u * y) / 2;
    }, 0));
  };
  const metres = (m) => m < 1000 ? m.toFixed(1) + " m" : (m / 1000).toFixed(3) + " km";
  const squares = (m2) => m2 < 1e6 ? (m2 / 1e4).toFixed(2) + " ha" : (m2 / 1e6).toFixed(3) + " km²";

  let map = null, points = null, drawing = null, box = null, said = null;
  const active = () => points !== null;
  const draw = () => {
    if (drawing) drawing.remove();
    const style = {color: "#0b3d91", weight: 3, interactive: false};
    const closed = points.length > 2 ? [L.polygon(points, {...style, weight: 1, dashArray: "4 4", fillOpacity: 0.15})] : [];
    drawing = L.featureGroup([
      ...closed, L.polyline(points, style),
      ...points.map((at) => L.circleMarker(at, {...style, radius: 5, fillColor: "#fff", fillOpacity: 1})),
    ]).addTo(map);
    const length = points.slice(1).reduce((sum, at, k) => sum + distance(points[k], at), 0);
    said.textContent = words.distance + words.colon + metres(length)
      + (points.length > 2 ? " · " + words.area + words.colon + squares(area(points)) : "")
      + " · " + put(words.points_set, String(points.length));
  };
  const add = (at) => { points.push(at); draw(); };
  const undo = () => { points.pop(); draw(); };
  const begin = () => {
    points = [];
    box.hidden = false;
    document.getElementById("ruler").setAttribute("aria-pressed", "true");
    map.getContainer().classList.add("measuring");
    map.closePopup();
    map.doubleClickZoom.disable();
    map.getContainer().focus({preventScroll: true});
    draw();
  };
  const end = () => {
    if (!active()) return;
    points = null;
    drawing.remove();
    box.hidden = true;
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("measuring");
    const button = document.getElementById("ruler");
    button.setAttribute("aria-pressed", "false");
    button.focus();
  };
  const pressed = (event) => {
    if (!active()) return;
    if (event.key === "Escape") { end(); event.preventDefault(); return; }
    if (event.target !== map.getContainer()) return;
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); add(map.getCenter()); }
    if (event.key === "Backspace" && points.length) { event.preventDefault(); undo(); }
  };
  const button = (word, act) => {
    const node = make("button", "", word);
    node.type = "button";
    node.addEventListener("click", act);
    return node;
  };
  const start = (shownMap) => {
    map = shownMap;
    box = make("div", "readout");
    box.hidden = true;
    said = make("strong");
    said.setAttribute("role", "status");
    box.append(said, make("p", "", words.measuring), make("p", "", words.accuracy));
    box.append(button(words.undo, () => { if (points.length) undo(); }), button(words.finish, end));
    L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
    map.getContainer().append(box, make("div", "cross"));
    document.addEventListener("keydown", pressed);
    document.getElementById("ruler").addEventListener("click", () => active() ? end() : begin());
  };
  return {start, active, add, distance, area};
})();
