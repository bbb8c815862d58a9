// Makes src/emoji/data/*.json, what the emoji picker shows and searches, from the data of emoji-picker-element (CLDR's words).
// One line is [emoji, name, words to search by].

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const kComponents = 2; // colours of skin and hair by themselves
const kVersionMax = 15; // what the fonts of most devices have

function read(language) {
  const path = `../node_modules/emoji-picker-element-data/${language}/emojibase/data.json`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}

for (const language of ['en', 'ru']) {
  const groups = [];
  for (const each of read(language).sort((a, b) => a.order - b.order)) {
    if (each.group === kComponents || each.version > kVersionMax) continue;
    (groups[each.group] ??= []).push([each.emoji, each.annotation, (each.tags ?? []).join(' ')]);
  }
  mkdirSync(new URL('../src/emoji/data/', import.meta.url), { recursive: true });
  writeFileSync(new URL(`../src/emoji/data/${language}.json`, import.meta.url), JSON.stringify(groups.filter(Boolean)));
}
