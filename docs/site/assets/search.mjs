/*! Has MiniSearch 7.2.0, copyright 2022 Luca Ongaro, MIT licence: minisearch-license.txt */
// The search field. Without this script it is not shown, and the menu leads to
// every page. The index comes when the field is used for the first time: as a
// script, because a page that was opened from a disk may not fetch a file.
import { finder } from "./find.mjs";

const root = new URL(".", document.currentScript.src);
const form = document.querySelector("form[role=search]");
const field = form.querySelector("input");
const panel = document.getElementById("found");
const status = panel.querySelector("p");
const list = panel.querySelector("ol");

let loading; // the promise of a finder

function load() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("search-index.js", root);
    script.onload = () => resolve(finder(globalThis.searchIndex));
    script.onerror = () => reject(new Error(`${script.src} cannot be read`));
    document.head.append(script);
  });
  return loading;
}

async function search() {
  const typed = field.value.trim();
  if (typed === "") {
    close();
    return;
  }
  try {
    const find = await load();
    if (field.value.trim() === typed) {
      show(typed, find(typed));
    }
  } catch (err) {
    list.replaceChildren();
    status.textContent = `The search does not work: ${err.message}`;
    panel.hidden = false;
  }
}

function show(typed, found) {
  const many = found.length === 1 ? "1 section" : `${found.length} sections`;
  status.textContent = found.length === 0 ? `Nothing has “${typed}”.` : many;
  list.replaceChildren(...found.map(item));
  panel.hidden = false;
}

function item(section) {
  const link = document.createElement("a");
  link.href = new URL(section.url, root);
  link.append(section.title === section.page ? section.page : `${section.page}: ${section.title}`);
  const text = document.createElement("p");
  const mark = document.createElement("mark");
  const [before, word, behind] = section.excerpt;
  mark.append(word);
  text.append(before, mark, behind);
  const li = document.createElement("li");
  li.append(link, text);
  return li;
}

function close() {
  panel.hidden = true;
}

// step moves through the field and the links below it.
function step(by) {
  const stops = [field, ...list.querySelectorAll("a")];
  stops[stops.indexOf(document.activeElement) + by]?.focus();
}

field.addEventListener("focus", () => load().catch(() => {})); // search tells what is wrong
field.addEventListener("input", search);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  list.querySelector("a")?.click();
});
form.addEventListener("keydown", (event) => {
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves && !panel.hidden) {
    event.preventDefault();
    step(moves[event.key]);
  } else if (event.key === "Escape") {
    field.focus();
    close();
  }
});
form.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !form.contains(event.relatedTarget)) {
    close();
  }
});
list.addEventListener("click", close); // a link may lead to a place on this page
document.addEventListener("click", (event) => {
  if (!form.contains(event.target)) {
    close();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !form.contains(document.activeElement)) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

form.hidden = false;
