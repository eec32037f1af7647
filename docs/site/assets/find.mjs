// What the search finds, apart from how it is shown. sections are those of
// search-index.js: {url, page, title, text}, in the order of the pages.
import MiniSearch from "./minisearch-7.2.0.mjs";

const most = 20;
const around = 70; // characters of the text on each side of a word that was found

// words are a term and, of a name in camel case, its parts, so that "member"
// finds ProjectMember.
function words(term) {
  const parts = term.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return [...new Set([term, ...parts].map((w) => w.toLowerCase()))];
}

// finder returns a function that takes what a user has typed and returns
// sections, the best first, each with an excerpt.
export function finder(sections) {
  const index = new MiniSearch({ fields: ["page", "title", "text"], idField: "url", processTerm: words });
  index.addAll(sections);
  const byURL = new Map(sections.map((s) => [s.url, s]));
  const lower = new Map(sections.map((s) => [s.url, `${s.page} ${s.title} ${s.text}`.toLowerCase()]));
  const options = {
    boost: { page: 2, title: 4 },
    prefix: true,
    fuzzy: (term) => (term.length > 4 ? 0.2 : 0),
    processTerm: (term) => term.toLowerCase(),
  };
  return (typed) => {
    // What has the very words, in their order, comes first: a flag, or a name in code.
    const exactly = typed.toLowerCase();
    const boostDocument = (url) => (lower.get(url).includes(exactly) ? 4 : 1);
    let found = index.search(typed, { ...options, boostDocument, combineWith: "AND" });
    if (found.length === 0) {
      found = index.search(typed, options); // some of the words are better than nothing
    }
    return found.slice(0, most).map((f) => ({ ...byURL.get(f.id), excerpt: excerpt(byURL.get(f.id).text, f.terms) }));
  };
}

// excerpt is the text around the first of the words that it has, in parts:
// before, the word, behind. Without any it is the start of the text.
function excerpt(text, terms) {
  const lower = text.toLowerCase();
  const places = terms.map((word) => [lower.indexOf(word), word.length]).filter(([at]) => at >= 0);
  const [at, length] = places.sort((a, b) => a[0] - b[0])[0] ?? [0, 0];
  const from = at > around ? text.indexOf(" ", at - around) + 1 : 0; // at the start of a word
  const space = text.indexOf(" ", at + length + around);
  const to = space < 0 ? text.length : space;
  return [
    (from > 0 ? "…" : "") + text.slice(Math.min(from, at), at),
    text.slice(at, at + length),
    text.slice(at + length, to) + (to < text.length ? "…" : ""),
  ];
}
