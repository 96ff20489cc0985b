const form = document.querySelector("nav .in");
const label = document.createElement("label");
const input = document.createElement("input");
input.type = "search";
label.append("Search ", input);
form.append(label);
input.addEventListener("input", () => {
  const wanted = input.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("tr[data-ns]")) {
    row.classList.toggle("hide", !row.textContent.toLowerCase().includes(wanted));
  }
  for (const group of document.querySelectorAll("details")) {
    const rows = [...group.querySelectorAll("tr[data-ns]")];
    const empty = rows.length > 0 && rows.every((row) => row.classList.contains("hide"));
    group.classList.toggle("hide", empty);
    if (wanted && rows.length > 0 && !empty) group.open = true;
  }
});
