// Tiles under the map, where they were asked for; those in GCJ-02 are moved by the shift at the middle of the view.
const shiftAt = ({box: [west, south, east, north], nodes, shifts}, {lat, lng}) => {
  const place = (value, low, high) => Math.min(Math.max((value - low) / (high - low), 0), 1) * (nodes - 1);
  const x = place(lng, west, east), y = place(lat, south, north);
  const i = Math.min(Math.floor(x), nodes - 2), j = Math.min(Math.floor(y), nodes - 2);
  const mix = (k) => {
    const at = (row, column) => shifts[row * nodes + column][k];
    const near = at(j, i) * (i + 1 - x) + at(j, i + 1) * (x - i);
    const far = at(j + 1, i) * (i + 1 - x) + at(j + 1, i + 1) * (x - i);
    return near * (j + 1 - y) + far * (y - j);
  };
  return {lng: lng + mix(0), lat: lat + mix(1)};
};
const Shifted = L.TileLayer.extend({
  _pixels(center, zoom) {
    return this._map.project(shiftAt(this.options.shift, center), zoom).subtract(this._map.project(center, zoom));
  },
  _getTiledPixelBounds(center) {
    const seen = L.TileLayer.prototype._getTiledPixelBounds.call(this, center);
    const off = this._pixels(center, this._tileZoom);
    return L.bounds(seen.min.add(off), seen.max.add(off));
  },
  _move() {
    if (!this._map) return;
    const off = this._pixels(this._map.getCenter(), this._map.getZoom());
    L.DomUtil.setPosition(this.getContainer(), off.multiplyBy(-1).round());
  },
  onAdd(map) {
    L.TileLayer.prototype.onAdd.call(this, map);
    map.on("move zoomend viewreset", this._move, this);
    this._move();
  },
  onRemove(map) {
    map.off("move zoomend viewreset", this._move, this);
    L.TileLayer.prototype.onRemove.call(this, map);
  },
});
const tileMap = (map) => {
  if (!data.tiles) return;
  const {urls, attribution, max_zoom: maxNativeZoom, shift} = data.tiles;
  for (const url of urls) {
    const options = {attribution, maxNativeZoom, maxZoom: 19, shift};
    (shift ? new Shifted(url, options) : L.tileLayer(url, options)).addTo(map);
  }
};
