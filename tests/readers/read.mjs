// Reads feeds as programs in JavaScript do. In: a JSON list of feed addresses on stdin. Out: for each address and
// parser what it found, in the words of agreement.py; dates as the feed writes them. What a parser does not say
// is null.
import { parseFeed, parseOpml } from "feedsmith";
import RssParser from "rss-parser";

const orNull = (value) => value ?? null;
const all = (list, pick) => (list ?? []).map(pick);

// feedsmith keeps each format's own words.
const feedsmith = {
  rss: (item) => ({
    id: item.guid.value,
    title: item.title,
    link: item.link,
    published: item.pubDate,
    updated: orNull(item.atom?.updated),
    authors: all(item.dc?.creators, (name) => name),
    terms: all(item.categories, (category) => category.name),
    image: orNull(item.media?.thumbnails?.[0].url),
    content: item.content?.encoded ?? item.description,
  }),
  atom: (entry) => ({
    id: entry.id,
    title: entry.title.value,
    link: entry.links.find((link) => link.rel === "alternate").href,
    published: entry.published,
    updated: entry.updated,
    authors: all(entry.authors, (person) => person.name),
    terms: all(entry.categories, (category) => category.term),
    image: orNull(entry.media?.thumbnails?.[0].url),
    content: entry.content.value,
  }),
  json: (item) => ({
    id: item.id,
    title: item.title,
    link: item.url,
    published: item.date_published,
    updated: item.date_modified,
    authors: all(item.authors, (person) => person.name),
    terms: all(item.tags, (tag) => tag),
    image: orNull(item.image),
    content: item.content_html,
  }),
};

// rss-parser shows one author, no image, and no categories of Atom, unless it is asked for more elements.
const ELEMENTS = [
  ["media:thumbnail", "thumbnail"],
  ["dc:creator", "creators", { keepArray: true }],
  ["author", "persons", { keepArray: true }],
  ["category", "labels", { keepArray: true }],
  ["atom:updated", "modified"],
  ["updated", "updated"],
];
const rssParser = new RssParser({ customFields: { item: ELEMENTS } });

const fromRssParser = (item) => ({
  id: item.id ?? item.guid,
  title: item.title,
  link: item.link,
  published: item.isoDate,
  updated: orNull(item.updated ?? item.modified),
  authors: item.creators ?? all(item.persons, (person) => person.name[0]),
  terms: all(item.labels, (label) => label.$?.term ?? label),
  image: orNull(item.thumbnail?.$.url),
  content: item["content:encoded"] ?? item.content,
});

async function read(address) {
  const text = await (await fetch(address)).text();
  if (address.startsWith("data:text/x-opml")) {
    return [{ address, parser: "feedsmith", list: parseOpml(text) }];
  }
  const { format, feed } = parseFeed(text);
  const found = [{ address, parser: "feedsmith", format, items: (feed.items ?? feed.entries).map(feedsmith[format]) }];
  if (format !== "json") {
    const parsed = await rssParser.parseString(text);
    found.push({ address, parser: "rss-parser", format, self: parsed.feedUrl, items: parsed.items.map(fromRssParser) });
  }
  return found;
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const results = [];
for (const address of JSON.parse(Buffer.concat(chunks))) results.push(...(await read(address)));
console.log(JSON.stringify(results));
