// Search by name, with no network: a combobox over the names that stand in the page.
const search = (() => {
  const MOST = 12;
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
  let all = null, hits = [], at = -1, input = null, list = null;

  const index = () => {
    const found = [];
    const add = (kind, name, go, also = "") => found.push({kind, name, go, key: plain(name), also: plain(also)});
    data.zones.forEach((zone, k) => add(words.zone, zone.name, () => {
      cityMap.goTo(JSON.parse(zone.g));
      cityMap.openZone(L.latLng(zone.at), k);
    }));
    const streets = new Map();
    for (const piece of data.overlays.roads || []) for (const [name, first, number] of piece.streets) {
      if (!streets.has(name)) streets.set(name, []);
      streets.get(name).push(() => JSON.parse(piece.g[0]).coordinates.slice(first, first + number));
    }
    streets.forEach((parts, name) => add(words.street, name, () =>
      cityMap.goTo({type: "MultiLineString", coordinates: parts.flatMap((part) => part())})));
    for (const [key, gap] of Object.entries(data.gaps)) if (gap.searched)
      gap.items.forEach(([, , title], k) => add(gap.name, title, () => cityMap.place(key, k, true), words.gap_kind));
    for (const [kind, word] of [["parks", words.park], ["facilities", words.facility]])
      for (const piece of data.overlays[kind] || []) for (const [text, label, name] of piece.items)
        if (name) add(word, label, () => cityMap.goTo(JSON.parse(text)), name);
    return found;
  };
  const rate = ({key, also}, asked) => {
    if (key === asked || also === asked) return 0;
    if (key.startsWith(asked) || also.startsWith(asked)) return 1;
    const inside = key.indexOf(asked);
    if (inside > 0) return /[\s：:→-]/.test(key[inside - 1]) ? 2 : 3;
    return -1;
  };
  const close = () => {
    at = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const look = () => {
    all = all || index();
    const asked = plain(input.value), rated = [];
    if (asked) all.forEach((entry, k) => {
      const grade = rate(entry, asked);
      if (grade >= 0) rated.push([grade, k, entry]);
    });
    rated.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    hits = rated.slice(0, MOST).map(([, , entry]) => entry);
    list.replaceChildren(...hits.map(({kind, name, go}, k) => {
      const option = make("li", "", name + " ");
      option.id = "found-" + k;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(make("small", "", kind));
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(go); });
      return option;
    }));
    close();
    document.getElementById("search-said").textContent =
      !asked ? "" : rated.length ? put(words.found, String(rated.length)) : words.not_found;
    if (rated.length > MOST) list.append(make("li", "none", put(words.found_more, String(rated.length - MOST))));
    if (asked && !rated.length) list.append(make("li", "none", words.not_found));
    if (!asked) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", String(hits.length > 0));
  };
  const point = (k) => {
    at = (k + hits.length) % hits.length;
    [...list.children].forEach((option, j) => option.setAttribute("aria-selected", String(j === at)));
    list.children[at].scrollIntoView({block: "nearest"});
    input.setAttribute("aria-activedescendant", "found-" + at);
  };
  const take = (go) => { close(); go(); };
  const pressed = (event) => {
    if (event.isComposing) return;  // Enter that picks a Chinese word is not ours
    if (event.key === "Escape" && !list.hidden) { close(); event.stopPropagation(); return; }
    if (!hits.length || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") take(hits[Math.max(at, 0)].go);
    else {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      point(event.key === "ArrowDown" ? at + 1 : at < 0 ? -1 : at - 1);
    }
  };
  const start = () => {
    input = document.getElementById("search");
    list = document.getElementById("found");
    input.addEventListener("input", look);
    input.addEventListener("keydown", pressed);
    input.addEventListener("blur", close);
  };
  return {start};
})();
