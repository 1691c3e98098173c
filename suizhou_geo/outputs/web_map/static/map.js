// What the page draws: zones, shapes, layers, legend, popups. Names are written through textContent, never as HTML.
const data = JSON.parse(document.getElementById("map-data").textContent);
const words = data.words;
const narrow = () => window.matchMedia("(max-width: 800px)").matches;
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const put = (template, value) => template.replace("{}", () => value);

const cityMap = (() => {
  const drawn = [];      // every shape on the canvas with its place in the drawing order
  const layers = {};     // layer group by key, made when first shown
  const bases = {};      // the layout and the measures by position, made when first shown
  const labels = [];
  const byHand = new Set();  // gap layers somebody asked for
  const solid = data.tiles ? 0.5 : 0.85;
  const noData = {fillColor: data.no_data, fillOpacity: solid, color: "#777", weight: 2, dashArray: "6 6"};
  let map = null, opened = "", chosen = null, legend = null, hit = null, marked = null, opener = null, bare = false;
  const boxes = () => [...document.querySelectorAll("#layers input[type=checkbox]")];

  // --- shapes
  const keep = (z, layer) => { drawn.push({z, layer}); drawn.sort((a, b) => a.z - b.z); return layer; };
  const inOrder = () => {
    drawn.forEach(({layer}) => { if (map.hasLayer(layer)) layer.bringToFront(); });
    map.eachLayer((layer) => { if (layer instanceof L.Path && !layer.options.ours) layer.bringToFront(); });
  };
  const shape = (geometry, style, interactive) => L.geoJSON(geometry, {
    style, interactive, ours: true,
    pointToLayer: (_, at) => L.circleMarker(at, {radius: 3, ...style, interactive, ours: true}),
  });
  const sheets = data.sheets.map(() => null);
  const sheet = (k) => sheets[k] = sheets[k] || JSON.parse(data.sheets[k].g).coordinates;
  const cells = (digit, {sheet: k, digits}) =>  // the cells of a sheet that a measure puts in one class
    ({type: "MultiPolygon", coordinates: sheet(k).filter((_, i) => digits[i] === digit)});
  const thicken = (layer) => {  // a line of a few pixels is a hair beside houses: wider where the map is deeper than a street plan
    if (layer.weight) layer.setStyle({weight: layer.weight * Math.max(1, 1.5 ** ((map.getZoom() || 0) - 16))});
  };
  const build = (piece, measure) => {
    const shapes = piece.digit === undefined ? piece.g.map((text) => JSON.parse(text)) : [cells(piece.digit, measure)];
    const group = L.featureGroup(shapes.map((geometry) => shape(geometry, piece.style, false)));
    for (const [text, name] of piece.items || []) {
      const item = shape(JSON.parse(text), piece.style, true);
      group.addLayer(item.bindTooltip(() => make("span", "", name), {sticky: true}));
    }
    if (piece.swatch === "line") group.weight = piece.style.weight;
    thicken(group);
    return keep(piece.z, group);
  };

  // --- gap layers
  const gapLayer = (key) => {
    const gap = data.gaps[key], all = L.layerGroup(), below = L.featureGroup(), above = L.featureGroup();
    gap.items.forEach(([text, group, title, rank, , at], k) => {
      const geometry = JSON.parse(text), {style, swatch} = gap.groups[group];
      const item = shape(geometry, style, true).bindTooltip(() => make("span", "", title), {sticky: true});
      item.on("click", () => { item.closeTooltip(); hit = () => place(key, k); });
      above.addLayer(item);
      if (swatch !== "line") return;
      below.addLayer(shape(geometry, {...style, color: "#fff", weight: style.weight + 5}, false));
      if (rank < 1 || rank > 10) return;
      const icon = L.divIcon({className: "badge", html: make("span", "", String(rank)), iconSize: null});
      all.addLayer(L.marker(at, {icon, interactive: false, keyboard: false, zIndexOffset: -5000}));
    });
    return all.addLayer(keep(gap.z - 0.5, below)).addLayer(keep(gap.z, above));
  };
  const place = (key, k, wanted) => {  // tell of a place; `wanted` from a list: show its layer, go there
    const [text, , title, rank, facts, at] = data.gaps[key].items[k];
    const node = make("div"), head = make("h2", "", title);
    const table = make("table", "facts"), rows = rank ? [[words.rank, String(rank)], ...facts] : facts;
    for (const [label, told] of rows) {
      const row = table.insertRow(), name = make("th", "", label);
      name.scope = "row";
      row.append(name, make("td", "", told));
    }
    node.append(head, make("p", "kind", data.gaps[key].name), table);
    if (wanted) {
      byHand.add("gap_" + key);
      toggle("gap_" + key, true);
      goTo(JSON.parse(text));
    } else mark(JSON.parse(text));
    tell(L.latLng(at), node);
  };

  // --- going to a place and marking it
  const room = () => {  // the legend lies over the left of the map
    const beside = legend && legend.open && map.getContainer().contains(legend) ? Math.min(270, 0.5 * map.getSize().x) : 20;
    return narrow() ? {padding: [14, 14]} : {paddingTopLeft: [beside, 40], paddingBottomRight: [20, 24]};
  };
  const unmark = () => { if (marked) marked.remove(); marked = null; };
  const mark = (geometry) => {
    unmark();
    const ring = {fill: false, interactive: false, radius: 15, opacity: 1};
    marked = L.featureGroup([
      shape(geometry, {...ring, color: "#111", weight: 9}, false),
      shape(geometry, {...ring, color: "#ffd400", weight: 5}, false),
    ]).addTo(map);
  };
  const goTo = (geometry) => {
    map.closePopup();
    mark(geometry);
    map.fitBounds(marked.getBounds(), {animate: false, maxZoom: 16, ...room()});
    marked.bringToFront();
  };

  // --- zones
  const zones = data.zones.map((zone, k) => ({type: "Feature", properties: {k}, geometry: JSON.parse(zone.g)}));
  const filled = ({swatch}) => swatch === "fill";
  const behind = () => chosen === null ? [] : data.measures[chosen].evidence.filter(({overlay}) => isShown("part_" + overlay));
  const gapGroups = () => Object.keys(data.gaps).filter((key) => isShown("gap_" + key)).flatMap((key) => data.gaps[key].groups);
  const noFill = () =>  // areas of a measure lie on the zones, or the zones have no values
    [...gapGroups(), ...behind()].some(filled) || (chosen !== null && !data.measures[chosen].classes.length);
  const zoneStyle = (k, measure) => {
    if (bare) return {stroke: false, fillOpacity: 0};
    if (measure === null) return {stroke: false, fillColor: data.zones[k].colour, fillOpacity: solid};
    const at = data.zones[k].values[measure][1];
    return at < 0 ? noData : {stroke: false, fillColor: data.palette[at], fillOpacity: solid};
  };
  const within = (rings, {lng, lat}) => {
    let inside = false;
    for (const ring of rings) for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [x, y] = ring[i], [u, v] = ring[j];
      if ((y > lat) !== (v > lat) && lng < (u - x) * (lat - y) / (v - y) + x) inside = !inside;
    }
    return inside;
  };
  const rings = ({type, coordinates}) => type === "Polygon" ? coordinates : coordinates.flat();
  const zoneAt = (at) => zones.findIndex(({geometry}) => within(rings(geometry), at));
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
    const first = chosen === null ? [] : [chosen];
    const rest = data.measures.map((_, i) => i).filter((i) => i !== chosen && !data.measures[i].part);
    for (const i of [...first, ...rest]) {
      const measure = data.measures[i];
      if (!measure.classes.length) continue;
      const [text, , status, verdict] = zone.values[i], row = body.insertRow();
      if (i === chosen) row.className = "chosen";
      const name = make("th", "", measure.name);
      name.scope = "row";
      row.append(name, make("td", "", text), make("td", "", measure.zone_target), make("td", "status " + status, verdict));
    }
    node.append(head);
    if (body.rows.length) node.append(table, make("p", "", words.zones_note));
    return node;
  };
  const cellAt = (at) => {  // of the cells of the chosen measure that are shown, the one here
    const measure = data.measures[chosen];
    if (!measure || measure.sheet === undefined) return null;
    const shown = measure.evidence.filter(({digit, overlay}) => digit !== undefined && isShown("part_" + overlay));
    const k = sheet(measure.sheet).findIndex((polygon, i) =>
      shown.some(({digit}) => measure.digits[i] === digit) && within(polygon, at));
    if (k < 0) return null;
    const node = make("p", "home"), persons = data.sheets[measure.sheet].persons[k];
    node.append(make("b", "", words.home), words.colon + shown.find(({digit}) => measure.digits[k] === digit).legend);
    if (persons !== undefined) node.append(make("br"), words.home_persons + words.colon + persons.toFixed(1));
    return node;
  };
  const tell = (at, node) => {
    opener = document.activeElement;
    const size = map.getSize();
    const most = {maxWidth: Math.min(400, size.x - 110), maxHeight: Math.max(140, Math.min(340, size.y - 130))};
    L.popup({...most, autoPanPaddingTopLeft: [46, narrow() ? 6 : 50]}).setLatLng(at).setContent(node).openOn(map);
  };
  const openZone = (at, k = zoneAt(at)) => {
    if (k < 0) return;
    const node = card(k), cell = cellAt(at);
    if (cell) node.firstChild.after(cell);
    tell(at, node);
  };
  const base = (measure) => {
    const layer = L.geoJSON(zones, {ours: true});
    return keep(0, layer);
  };
  const fill = () => {
    bare = noFill();
    bases[chosen].setStyle((zone) => zoneStyle(zone.properties.k, chosen));
  };
  const names = () => L.layerGroup(data.zones.map((zone, k) => {
    const text = make("div"), value = make("span");
    text.append(make("b", "", zone.name), value);
    const icon = L.divIcon({className: "zone-label " + zone.kind, html: text, iconSize: null});
    const marker = L.marker(zone.at, {icon, bubblingMouseEvents: true, alt: zone.name});
    const open = () => openZone(marker.getLatLng(), k);
    marker.on("click", () => { hit = open; });
    marker.on("add", () => marker.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open();
    }));
    labels.push({k, text, value, marker, size: zone.size});
    return marker;
  }));
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  const write = () => {
    for (const {k, value, marker} of labels) {
      const [text, at, , verdict] = chosen === null ? ["", -1, "", ""] : data.zones[k].values[chosen];
      const number = at < 0 ? "" : narrow() ? text.split(" ")[0] : text;
      value.textContent = (number + " " + verdict).trim();
      if (marker.getElement()) marker.getElement().classList.toggle("measured", chosen !== null);
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
  const dashes = (lengths) => {  // as the map draws them: dashes and gaps in turn
    let at = 0;
    return lengths.split(" ").map((px, k) => `${k % 2 ? "transparent" : "#000"} ${at}px ${at += Number(px)}px`).join(", ");
  };
  const swatch = (kind, style) => {
    const node = make("span", "swatch " + kind);
    node.setAttribute("aria-hidden", "true");
    const stroke = (style.dashArray ? "dashed " : "solid ") + (style.color || "#777");
    if (kind === "line") {
      node.style.borderTop = Math.max(2, style.weight) + "px solid " + (style.color || "#777");
      if (style.dashArray) node.style.mask = `repeating-linear-gradient(90deg, ${dashes(style.dashArray)})`;
    }
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
  const isShown = (key) => key in layers && map.hasLayer(layers[key]);
  const colourOf = ({style}) => style.fillColor || style.color;
  const explain = () => {
    const body = legend.querySelector("div");
    body.replaceChildren();
    const list = make("ul");
    if (chosen === null) {
      body.append(make("h2", "", words.layout));
      const roles = new Map(data.zones.map((zone) => [zone.role, zone.colour]));
      if (!bare) roles.forEach((colour, role) => line(list, swatch("fill", {fillColor: colour, fillOpacity: solid}), role));
    } else {
      const measure = data.measures[chosen];
      body.append(make("h2", "", measure.name));
      body.append(make("p", "", words.target + words.colon + measure.target));
      body.append(make("p", "", words.whole + words.colon + measure.whole));
      if (measure.unit) body.append(make("p", "", words.unit + words.colon + measure.unit));
      if (!measure.classes.length) body.append(make("p", "", words.whole_only));
      else if (!bare) {
        for (const [colour, text, note] of measure.classes)
          if (colour) line(list, swatch("fill", {fillColor: colour, fillOpacity: solid}), text, note);
          else list.append(make("li", "limit", text));
        if (measure.gaps) line(list, swatch("fill", noData), words.legend_nan);
        list.append(make("li", "", words.lower_in));
      }
    }
    body.append(list);
    const pieces = Object.keys(data.overlays).filter(isShown).flatMap((key) => data.overlays[key].filter(wanted));
    const told = new Map();
    for (const piece of [...gapGroups(), ...behind(), ...pieces, ...data.always])
      if (piece.legend) told.set(piece.legend + colourOf(piece), piece);
    const top = make("ul");
    told.forEach((piece) => line(top, swatch(piece.swatch, piece.style), piece.legend));
    body.append(top);
    if (chosen === null && data.measures.length) body.append(make("p", "", words.pick));
  };

  // --- choosing
  const kindBox = (piece) => document.querySelector(`#kinds input[value="kind_${data.overlays.facilities.indexOf(piece)}"]`);
  const wanted = (piece) => piece.kind === undefined || kindBox(piece).checked;
  const kinds = () => {  // the facilities of the kinds that are ticked
    const group = ready("facilities");
    group.clearLayers();
    for (const piece of data.overlays.facilities)
      if (wanted(piece)) group.addLayer(piece.layer = piece.layer || build(piece));
  };
  const ready = (key) => {
    if (key in layers) return layers[key];
    if (key === "labels") layers[key] = names();
    else if (key.startsWith("gap_")) layers[key] = gapLayer(key.slice(4));
    else if (key.startsWith("part_")) layers[key] = L.layerGroup();
    else if (key === "facilities") {
      layers[key] = L.layerGroup();
      kinds();
    } else layers[key] = L.layerGroup(data.overlays[key].map((piece) => build(piece)));
    return layers[key];
  };
  const show = (key, wanted) => {
    if (wanted) map.addLayer(ready(key));
    else if (key in layers) map.removeLayer(layers[key]);
  };
  const toggle = (key, wanted) => {
    const box = boxes().find(({value}) => value === key);
    box.checked = wanted;
    show(key, wanted);
    refresh();
  };
  const choose = (measure) => {
    if (chosen in bases) map.removeLayer(bases[chosen]);
    chosen = measure;
    bases[measure] = bases[measure] || base(measure);
    map.addLayer(bases[measure]);
    const {evidence, key: own} = measure === null ? {evidence: [], key: ""} : data.measures[measure];
    const had = new Set(evidence.map(({overlay}) => "part_" + overlay));
    document.getElementById("behind").hidden = !had.size;
    for (const box of boxes()) {
      const key = box.value;
      if (key.startsWith("part_")) {
        box.parentNode.hidden = !had.has(key);
        ready(key).clearLayers();
        show(key, box.checked && had.has(key));
      } else if (key.startsWith("gap_")) {
        box.checked = byHand.has(key) || data.gaps[key.slice(4)].measures.includes(own);
        show(key, box.checked);
      }
    }
    for (const piece of evidence) if (isShown("part_" + piece.overlay)) lay(piece, measure);
    refresh();
  };
  const lay = (piece, measure) => {
    piece.layer = piece.layer || build(piece, data.measures[measure]);
    layers["part_" + piece.overlay].addLayer(piece.layer);
  };
  const refresh = () => { fill(); inOrder(); if (marked) marked.bringToFront(); write(); explain(); };
  const changed = ({target}) => {
    if (target.type === "radio") return choose(target.value === "layout" ? null : Number(target.value));
    if (target.type !== "checkbox") return undefined;
    const key = target.value;
    if (key.startsWith("kind_")) return chooseKinds();
    byHand[target.checked ? "add" : "delete"](key);
    show(key, target.checked);
    if (key.startsWith("part_") && target.checked && chosen !== null)
      data.measures[chosen].evidence.filter(({overlay}) => "part_" + overlay === key).forEach((p) => lay(p, chosen));
    return refresh();
  };
  const chooseKinds = () => {  // who chooses among the kinds wants to see them
    kinds();
    return toggle("facilities", true);
  };
  const follow = () => {  // map.html#road_density opens on that measure
    const wanted = data.measures.findIndex(({key}) => (location.hash || opened) === "#" + key);
    if (wanted < 0 || wanted === chosen) return;
    const radio = document.querySelector(`#layers input[type=radio][value="${wanted}"]`);
    radio.checked = true;
    for (let node = radio.closest("details"); node && node.id !== "layers"; node = node.parentNode.closest("details"))
      node.open = true;
    choose(wanted);
  };

  // --- the start
  const corner = (position, node) => {
    const control = L.control({position});
    control.onAdd = () => { L.DomEvent.disableClickPropagation(node).disableScrollPropagation(node); return node; };
    return control.addTo(map);
  };
  const popups = () => {
    map.on("popupopen", ({popup}) => {
      const box = popup.getElement(), content = box.querySelector(".leaflet-popup-content");
      box.setAttribute("role", "dialog");
      box.setAttribute("aria-label", (box.querySelector("h2") || content).textContent);
      box.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", words.close);
      content.tabIndex = -1;
      content.focus({preventScroll: true});
    });
    map.on("popupclose", () => {
      unmark();
      const lost = document.activeElement === document.body;  // the focus was in the popup
      if (lost && opener && opener.isConnected) opener.focus({preventScroll: true});
    });
    map.getContainer().addEventListener("keydown", (event) => { if (event.key === "Escape") map.closePopup(); });
  };
  const jump = (event) => {  // in a notebook the page has no address that a link could be read against
    const link = event.target.closest('a[href^="#"]:not(.leaflet-container a)');
    if (!link) return;
    event.preventDefault();
    location.hash = link.getAttribute("href");
  };
  const start = (shownMap, bounds, first) => {
    map = shownMap;
    opened = "#" + first;
    const container = map.getContainer();
    container.setAttribute("role", "region");
    container.setAttribute("aria-label", words.map);
    map.attributionControl.setPrefix(data.credit + " · Leaflet");
    data.always.forEach((piece, k) => {
      if (data.tiles && k === 0) piece.style.fillOpacity = 0.3;  // the veil
      build(piece).addTo(map);
    });
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
    const stamp = document.querySelector(".stamp");
    if (stamp) container.append(stamp);
    popups();
    map.on("click", ({originalEvent}) => {
      const at = map.mouseEventToLatLng(originalEvent), found = hit;
      hit = null;
      unmark();
      if (ruler.active()) ruler.add(at);
      else if (found) found();
      else openZone(at);
    });
    map.on("zoomend", () => drawn.forEach(({layer}) => thicken(layer)));
    map.on("zoomend resize", write);
    map.fitBounds(bounds, {animate: false, ...room()});
    for (const box of boxes()) if (box.checked && !/^(part|kind)_/.test(box.value)) show(box.value, true);
    choose(null);
    document.getElementById("layers").addEventListener("change", changed);
    for (const button of document.querySelectorAll("#kinds button"))
      button.addEventListener("click", () => {
        document.querySelectorAll("#kinds input").forEach((box) => { box.checked = button.value === "all"; });
        chooseKinds();
      });
    for (const button of document.querySelectorAll("#gaps button"))
      button.addEventListener("click", () => place(button.dataset.gap, Number(button.dataset.place), true));
    tileMap(map);
    ruler.start(map);
    search.start();
    verdicts.start();
    paper.start(map, legend, bounds, room);
    document.addEventListener("click", jump);
    window.addEventListener("hashchange", follow);
    follow();
  };
  const theme = () => {  // what the map shows, in a line
    if (chosen === null) return words.layout;
    const {name, target, whole} = data.measures[chosen];
    return `${name} · ${words.target}${words.colon}${target} · ${words.whole}${words.colon}${whole}`;
  };
  return {start, place, goTo, openZone, theme};
})();
