"""The style sheet and the script of the web map: how the page of `panel` looks and what it does with its data.

The script writes every name through `textContent`, never as HTML, asks for nothing over the network, and keeps one
canvas for all shapes: after each change they are put back in their drawing order.
"""

STYLE = """
* { box-sizing: border-box; }
html, body { margin: 0; height: 100%; }
body {
  display: grid; grid-template: auto minmax(0, 1fr) / minmax(0, 1fr) 440px; grid-template-areas: "top top" "map panel";
  font: 14px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; color: #222;
  background: #fff;
}
header.top {
  grid-area: top; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; padding: 10px 16px;
  border-bottom: 3px solid #23476b;
}
h1 { font-size: 19px; line-height: 1.3; margin: 0; color: #16324f; overflow-wrap: anywhere; }
.invented { margin: 0; padding: 2px 10px; background: #ffe08a; border: 2px solid #8a5a00; color: #4a2f00; }
.invented strong { letter-spacing: .04em; }
.folium-map { grid-area: map; min-height: 0; background: #f4f2ee; }
.panel { grid-area: panel; overflow-y: auto; border-left: 1px solid #cfd6dd; padding: 0 14px 14px; }
.panel details.part { border-bottom: 1px solid #dde3e8; padding: 8px 0; }
.panel details.part > summary { font-size: 16px; font-weight: 700; color: #16324f; cursor: pointer; padding: 2px 0; }
.panel h3 { font-size: 14px; margin: 12px 0 4px; color: #16324f; }
.tally { display: flex; flex-wrap: wrap; gap: 6px; margin: 8px 0 4px; padding: 0; list-style: none; }
.tally li { padding: 1px 8px; border: 1px solid #b8c2cc; border-radius: 10px; background: #f7f9fa; font-size: 13px; }
table { width: 100%; border-collapse: collapse; font-size: 13px; }
th, td {
  padding: 5px 4px; border-bottom: 1px solid #e3e8ec; text-align: left; vertical-align: top; overflow-wrap: anywhere;
}
.panel table { table-layout: fixed; }
.panel thead th:first-child { width: 33%; }
.panel thead th:last-child { width: 19%; }
.panel thead th:nth-child(n+2):nth-child(-n+4) { text-align: right; }
thead th { font-weight: 600; color: #44525f; border-bottom: 1px solid #8d9aa6; white-space: nowrap; }
tbody th { font-weight: 500; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.number span { display: block; white-space: normal; overflow-wrap: normal; font-size: 11px; color: #5b6772; }
td.status { white-space: nowrap; font-weight: 600; }
td small, th small { display: block; color: #5b6772; font-weight: 400; }
td.status a { display: block; font-size: 12px; font-weight: 400; color: #1a5c99; }
tr:has(+ tr.about) > * { border-bottom: 0; }
tr.about td { padding-top: 0; font-size: 12px; color: #5b6772; }
tr.about summary { cursor: pointer; }
tr.about p { margin: 2px 0 2px 14px; }
.met { color: #00567f; }
.missed { color: #a33b00; }
.cannot_tell { color: #5b4a00; }
.no_data { color: #5b6772; }
.foot { font-size: 12px; color: #5b6772; }
.foot p { margin: 6px 0; }
:focus-visible { outline: 3px solid #e69f00; outline-offset: 1px; }
#layers .leaflet-control-layers { margin: 0; border: 0; box-shadow: none; background: none; width: 100%; float: none; }
#layers .leaflet-control-layers-toggle { display: none; }
#layers .leaflet-control-layers-list {
  display: block; height: auto !important; margin: 0; padding: 0; overflow: visible;
}
#layers .leaflet-control-layers label[hidden] { display: none; }
#layers .leaflet-control-layers label { font-size: 14px; padding: 1px 0; overflow-wrap: anywhere; }
#layers .leaflet-control-layers label > span { display: flex; gap: 6px; align-items: baseline; }
#layers .leaflet-control-layers-separator { margin: 6px 0; }
#layers .leaflet-control-layers-base, #layers .leaflet-control-layers-overlays { max-height: 300px; overflow-y: auto; }
#layers [data-title]::before { content: attr(data-title); display: block; font-size: 12px; color: #5b6772; }
.leaflet-container { font: inherit; }
.leaflet-container .leaflet-control-attribution { font-size: 11px; }
.leaflet-container a.leaflet-popup-close-button { color: #44525f; }
.zone-label { width: 0; height: 0; }
.zone-label > div {
  position: absolute; transform: translate(-50%, -50%); padding: 1px 6px; text-align: center; white-space: nowrap;
  cursor: pointer; font-weight: 700; font-size: 15px; line-height: 1.3; color: #1b1b1b;
  text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 4px #fff, 0 0 6px #fff, 1px 1px 2px #fff, -1px -1px 2px #fff;
}
.zone-label.main_city > div { font-size: 19px; }
.zone-label span { display: block; font-weight: 600; font-size: 13px; }
.zone-label b { display: block; font-weight: inherit; max-width: 15em; overflow: hidden; text-overflow: ellipsis; }
.zone-label span:empty, .zone-label .brief span { display: none; }
.zone-label .gone { visibility: hidden; }
.zone-label.measured > div {
  background: rgba(255, 255, 255, .88); border: 1px solid #8d9aa6; border-radius: 4px; text-shadow: none;
  font-size: 14px;
}
.legend {
  background: rgba(255, 255, 255, .95); border: 1px solid #b8c2cc; border-radius: 4px; padding: 6px 10px; width: 248px;
  font-size: 12.5px; line-height: 1.45; max-height: min(62vh, 560px); overflow-y: auto;
}
.legend:not([open]) { width: auto; }
.legend h2, .legend p { overflow-wrap: anywhere; }
.legend summary { font-weight: 700; cursor: pointer; color: #16324f; }
.legend h2 { font-size: 13.5px; margin: 4px 0 2px; }
.legend p { margin: 2px 0; }
.legend ul { list-style: none; margin: 4px 0; padding: 0; }
.legend li { display: flex; align-items: center; gap: 8px; }
.legend li em { font-style: normal; font-weight: 700; white-space: nowrap; }
.legend li.limit { border-top: 2px dashed #222; margin: 2px 0; font-weight: 700; }
.swatch { flex: none; width: 24px; height: 14px; }
.swatch.dot { width: 12px; height: 12px; border-radius: 50%; margin: 0 6px; }
.swatch.line { height: 0; }
.north {
  font-weight: 700; line-height: 1; text-align: center; padding: 4px 6px; background: rgba(255, 255, 255, .85);
  border-radius: 4px;
}
.north span { display: block; font-size: 20px; }
.stamp {
  position: absolute; z-index: 900; top: 10px; left: 50%; transform: translateX(-50%); padding: 1px 10px;
  pointer-events: none; white-space: nowrap; background: rgba(255, 224, 138, .92); border: 1px solid #8a5a00;
  color: #4a2f00; font-weight: 700;
}
.leaflet-popup-content { margin: 12px 14px; min-width: 230px; }
.leaflet-popup-content h2 { font-size: 16px; margin: 0 18px 4px 0; overflow-wrap: anywhere; }
.leaflet-popup-content h2 small { font-weight: 400; color: #5b6772; }
.leaflet-popup-content td { overflow-wrap: normal; }
.leaflet-popup-content tr.chosen { background: #eef3f8; }
.leaflet-popup-content p { margin: 6px 0 0; font-size: 12px; color: #5b6772; }
@media (max-width: 800px) {
  body {
    grid-template: auto minmax(0, 55fr) minmax(0, 45fr) / minmax(0, 1fr); grid-template-areas: "top" "map" "panel";
  }
  header.top { padding: 6px 10px; }
  h1 { font-size: 16px; }
  .invented span, .stamp { display: none; }
  .panel { border-left: 0; border-top: 2px solid #23476b; padding: 0 10px 10px; }
  .legend { width: 216px; max-height: 38vh; }
  .zone-label > div { font-size: 13px; }
  .zone-label.main_city > div { font-size: 15px; }
  .zone-label span, .zone-label.measured > div { font-size: 12px; }
}
@media print {
  body { display: block; }
  .folium-map { height: 16cm; }
  .panel { border: 0; overflow: visible; }
  #layers { display: none; }
}
"""

SCRIPT = """
"use strict";
const cityMap = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const words = data.words;
  const drawn = [];      // every shape on the canvas with its place in the drawing order
  const overlays = {};   // layer group by key
  const bases = [];      // the layout and one layer per measure
  const labels = [];
  const noData = {fillColor: "#d9d9d9", fillOpacity: 0.85, color: "#777", weight: 2, dashArray: "6 6"};
  let map = null, chosen = null, legend = null;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const zones = data.zones.map((zone, k) => ({type: "Feature", properties: {k}, geometry: JSON.parse(zone.g)}));

  // --- shapes
  const keep = (z, layer) => { drawn.push({z, layer}); return layer; };
  const shape = (geometry, piece, clickable) => L.geoJSON(geometry, {
    style: piece.style, interactive: clickable,
    pointToLayer: (_, at) => L.circleMarker(at, {radius: 3, ...piece.style, interactive: clickable}),
  });
  const sheets = data.sheets.map(() => null);
  const cells = (digit, {sheet, digits}) => {  // the cells of a sheet that a measure puts in one class
    sheets[sheet] = sheets[sheet] || JSON.parse(data.sheets[sheet]).coordinates;
    return ({type: "MultiPolygon", coordinates: sheets[sheet].filter((_, i) => digits[i] === digit)});
  };
  const build = (piece, measure) => {
    const shapes = piece.digit === undefined ? piece.g.map((text) => JSON.parse(text)) : [cells(piece.digit, measure)];
    const group = L.featureGroup(shapes.map((geometry) => shape(geometry, piece, false)));
    for (const [text, name] of piece.items || []) {
      const item = shape(JSON.parse(text), piece, true).bindTooltip(() => make("span", "", name), {sticky: true});
      if (piece.swatch === "fill") item.on("click", (event) => openAt(event.latlng));
      group.addLayer(item);
    }
    return keep(piece.z, group);
  };
  const inOrder = () => drawn.forEach(({layer}) => { if (map.hasLayer(layer)) layer.bringToFront(); });

  // --- zones
  const zoneStyle = (k, measure) => {
    if (measure === null) return {stroke: false, fillColor: data.zones[k].colour, fillOpacity: 0.85};
    const at = data.zones[k].values[measure].class;
    return at < 0 ? noData : {stroke: false, fillColor: data.palette[at], fillOpacity: 0.85};
  };
  const zoneAt = ({lng, lat}) => zones.findIndex(({geometry}) => {
    let inside = false;
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    for (const ring of parts.flat()) for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [x, y] = ring[i], [u, v] = ring[j];
      if ((y > lat) !== (v > lat) && lng < (u - x) * (lat - y) / (v - y) + x) inside = !inside;
    }
    return inside;
  });
  const card = (k) => {
    const zone = data.zones[k], node = make("div");
    const head = make("h2", "", zone.name + " ");
    head.append(make("small", "", zone.role));
    const table = make("table"), top = table.createTHead().insertRow(), body = table.createTBody();
    for (const word of ["measure", "value", "target", "status"]) {
      const cell = make("th", "", words[word]);
      cell.scope = "col";
      top.append(cell);
    }
    data.measures.forEach((measure, i) => {
      if (measure.family && i !== chosen) return;
      const value = zone.values[i], row = body.insertRow();
      if (i === chosen) row.className = "chosen";
      const name = make("th", "", measure.name);
      name.scope = "row";
      row.append(name, make("td", "", value.text), make("td", "", measure.target));
      row.append(make("td", "status " + value.status, value.verdict));
    });
    node.append(head);
    if (body.rows.length) node.append(table, make("p", "", words.zones_note));
    return node;
  };
  const popup = {maxWidth: Math.min(380, window.innerWidth - 60), maxHeight: 300, autoPanPaddingTopLeft: [6, 84]};
  const openAt = (place) => {
    const k = zoneAt(place);
    if (k >= 0) L.popup(popup).setLatLng(place).setContent(card(k)).openOn(map);
  };
  const base = (measure) => {
    const layer = L.geoJSON(zones, {style: (zone) => zoneStyle(zone.properties.k, measure)});
    layer.on("click", (event) => openAt(event.latlng));
    layer.measure = measure;
    bases.push(layer);
    return keep(0, layer);
  };
  const names = () => L.layerGroup(data.zones.map((zone, k) => {
    const text = make("div"), value = make("span");
    text.append(make("b", "", zone.name), value);
    const icon = L.divIcon({className: "zone-label " + zone.kind, html: text, iconSize: null});
    const marker = L.marker(zone.at, {icon, keyboard: true}).bindPopup(() => card(k), popup);
    labels.push({k, text, value, marker, size: zone.size});
    return marker;
  }));
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const narrow = () => window.matchMedia("(max-width: 800px)").matches;
  const write = () => {
    for (const {k, value, marker} of labels) {
      const there = chosen === null ? null : data.zones[k].values[chosen];
      const number = there === null || there.class < 0 ? "" : narrow() ? there.number : there.text;
      value.textContent = there === null ? "" : (number + " " + there.verdict).trim();
      if (marker.getElement()) marker.getElement().classList.toggle("measured", there !== null);
    }
    const taken = [];
    for (const {text} of [...labels].sort((a, b) => b.size - a.size)) {
      for (const form of ["", "brief", "gone"]) {  // in the way of a bigger zone's: first its value goes, then all
        text.className = form;
        const box = text.getBoundingClientRect();
        if (form === "gone" || taken.some((other) => !apart(box, other))) continue;
        taken.push(box);
        break;
      }
    }
  };

  // --- legend
  const swatch = (kind, style) => {
    const node = make("span", "swatch " + kind);
    node.setAttribute("aria-hidden", "true");
    const stroke = (style.dashArray ? "dashed " : "solid ") + (style.color || "#777");
    if (kind === "line") node.style.borderTop = Math.max(2, style.weight) + "px " + stroke;
    if (kind === "fill" || kind === "dot") {
      node.style.background = style.fillColor;
      node.style.border = "1px " + stroke;
      if (kind === "fill") node.style.opacity = Math.max(0.35, style.fillOpacity);
    }
    return node;
  };
  const line = (list, sign, text, note) => {
    const item = make("li");
    item.append(sign, make("span", "", text));
    if (note) item.append(make("em", "", note));
    list.append(item);
  };
  const shown = (key) => key in overlays && map.hasLayer(overlays[key]);
  const explain = () => {
    const body = legend.querySelector("div");
    body.replaceChildren();
    const list = make("ul");
    if (chosen === null) {
      body.append(make("h2", "", words.layout));
      const roles = new Map(data.zones.map((zone) => [zone.role, zone.colour]));
      roles.forEach((colour, role) => line(list, swatch("fill", {fillColor: colour, fillOpacity: 0.85}), role));
    } else {
      const measure = data.measures[chosen];
      body.append(make("h2", "", measure.name));
      body.append(make("p", "", words.target + words.colon + measure.target));
      body.append(make("p", "", words.whole + words.colon + measure.whole));
      if (measure.unit) body.append(make("p", "", words.unit + words.colon + measure.unit));
      for (const [colour, text, note] of measure.classes)
        if (colour) line(list, swatch("fill", {fillColor: colour, fillOpacity: 0.85}), text, note);
        else list.append(make("li", "limit", text));
      if (measure.gaps) line(list, swatch("fill", noData), words.legend_nan);
    }
    body.append(list);
    if (chosen !== null) body.append(make("p", "", words.lower_in));
    const top = make("ul");
    const pieces = Object.entries(data.overlays).filter(([key]) => shown(key)).flatMap(([, some]) => some);
    const evidence = chosen === null ? [] : data.measures[chosen].evidence.filter((piece) => shown(piece.overlay));
    const told = new Map();
    for (const piece of [...evidence, ...pieces])
      if (piece.legend && !told.has(piece.legend)) told.set(piece.legend, piece);
    told.forEach((piece, text) => line(top, swatch(piece.swatch, piece.style), text));
    body.append(top);
    if (chosen === null && data.measures.length) body.append(make("p", "", words.pick));
  };

  // --- what follows the chosen measure
  const choose = (measure) => {
    chosen = measure;
    for (const key of Object.keys(overlays)) if (overlays[key].follows) overlays[key].clearLayers();
    if (measure !== null) for (const piece of data.measures[measure].evidence) {
      piece.layer = piece.layer || build(piece, data.measures[measure]);
      overlays[piece.overlay].addLayer(piece.layer);
    }
    drawn.sort((a, b) => a.z - b.z);
    refresh();
  };
  const follow = () => {  // map.html#road_density opens on that measure
    const wanted = bases.find(({measure}) => measure !== null && location.hash === "#" + data.measures[measure].key);
    if (!wanted || map.hasLayer(wanted)) return;
    bases.forEach((other) => map.removeLayer(other));
    map.addLayer(wanted);
  };
  const offer = () => {  // of what follows the measure the control offers only what the chosen one has
    const had = new Set(chosen === null ? [] : data.measures[chosen].evidence.map((piece) => piece.overlay));
    const boxes = document.querySelectorAll("#layers .leaflet-control-layers-overlays label");
    Object.entries(overlays).forEach(([key, {follows}], k) => { boxes[k].hidden = follows && !had.has(key); });
  };
  const refresh = () => { inOrder(); write(); explain(); offer(); };

  const layer = (key) => {
    if (key === "layout") return base(null);
    if (/^m\\d+$/.test(key)) return base(Number(key.slice(1)));
    if (key === "labels") overlays[key] = names();
    else if (key in data.overlays) overlays[key] = L.layerGroup(data.overlays[key].map((piece) => build(piece)));
    else overlays[key] = Object.assign(L.layerGroup(), {follows: true});
    return overlays[key];
  };

  const corner = (position, node) => {
    const control = L.control({position});
    control.onAdd = () => { L.DomEvent.disableClickPropagation(node).disableScrollPropagation(node); return node; };
    return control.addTo(map);
  };
  const start = (shownMap, control, bounds) => {
    map = shownMap;
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", words.map);
    map.attributionControl.setPrefix("© OpenStreetMap contributors, ODbL · Leaflet");
    data.always.forEach((piece) => build(piece).addTo(map));
    L.control.zoom({zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out}).addTo(map);
    L.control.scale({imperial: false, position: "bottomright"}).addTo(map);
    const north = make("div", "north");
    north.append(make("span", "", "▲"), words.north);
    corner("topright", north);
    legend = make("details", "legend");
    legend.open = !narrow();
    legend.append(make("summary", "", words.legend), make("div"));
    legend.lastChild.setAttribute("aria-live", "polite");
    corner("bottomleft", legend);
    const box = control.getContainer();
    box.removeAttribute("aria-haspopup");
    for (const [part, word, role] of [["base", "one_of", "radiogroup"], ["overlays", "any_of", "group"]]) {
      const list = box.querySelector(".leaflet-control-layers-" + part);
      list.dataset.title = words[word];
      list.setAttribute("role", role);
      list.setAttribute("aria-label", words[word]);
    }
    document.getElementById("layers").append(box);
    const stamp = document.querySelector(".stamp");
    if (stamp) map.getContainer().append(stamp);
    map.on("baselayerchange", (event) => choose(event.layer.measure));
    map.on("overlayadd overlayremove", refresh);
    map.on("zoomend resize", write);
    map.on("popupopen", ({popup: opened}) => {
      const button = opened.getElement().querySelector(".leaflet-popup-close-button");
      if (button) button.setAttribute("aria-label", words.close);
    });
    const beside = Math.min(270, 0.3 * map.getSize().x);
    const wide = {paddingTopLeft: [beside, 40], paddingBottomRight: [20, 24]};
    map.fitBounds(bounds, {animate: false, ...(narrow() ? {padding: [14, 14]} : wide)});
    choose(null);
    window.addEventListener("hashchange", follow);
    follow();
  };
  return {layer, start};
})();
"""
