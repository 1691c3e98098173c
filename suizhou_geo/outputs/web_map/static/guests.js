"use strict";
// What folium's elements expect beside Leaflet: pictures of markers, and of jQuery an element from HTML and $(document).ready.
L.Icon.Default.imagePath = "";
L.Icon.Default.mergeOptions(icons);
const $ = (what) => {
  if (what === document) return {ready: (act) => document.addEventListener("DOMContentLoaded", act)};
  const box = document.createElement("template");
  box.innerHTML = what.trim();
  return box.content.children;
};
