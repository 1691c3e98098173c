// A click on a verdict leaves only its promises in the scorecard; another one brings all of them back.
const verdicts = (() => {
  let only = "";
  const buttons = () => [...document.querySelectorAll(".tally button")];
  const show = () => {
    for (const button of buttons()) button.setAttribute("aria-pressed", String(button.dataset.status === only));
    for (const row of document.querySelectorAll("#scorecard tr[data-status], #unmeasured tr[data-status]")) {
      row.hidden = Boolean(only) && row.dataset.status !== only;
      const about = row.nextElementSibling;
      if (about && about.className === "about") about.hidden = row.hidden;
    }
    for (const table of document.querySelectorAll("#scorecard table"))
      table.hidden = [...table.tBodies[0].rows].every((row) => row.hidden);
    const without = document.getElementById("unmeasured");
    if (!without || only !== "no_data") return;
    without.open = true;
    without.scrollIntoView({block: "nearest"});
  };
  const start = () => {
    for (const button of buttons()) button.addEventListener("click", () => {
      only = only === button.dataset.status ? "" : button.dataset.status;
      show();
    });
  };
  return {start};
})();
