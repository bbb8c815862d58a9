// Makes src/api/types.ts from what `godwit rpc --describe` prints. Never edit the result by hand.
//
//   npm run types -- <path to godwit>          or, of a saved description:   npm run types -- description.json
//   node tools/generate_types.mjs --check <path to godwit>     fails if the file is not what that program describes

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Names of the API that are something else in a browser.
const kOtherNames = { error: 'ErrorRecord', file: 'FileRecord', location: 'LocationRecord', connection: 'ConnectionState' };
// Scalars that say no more than the type of TypeScript does.
const kPlain = { text: 'string', boolean: 'boolean', count: 'number', integer: 'number' };
const kScalars = { string: 'string', integer: 'number', boolean: 'boolean' };

function camel(name) {
  return kOtherNames[name] ?? name.replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase());
}

/** A comment of one line; what would end it is taken out. */
function comment(about, indent = '') {
  return `${indent}/** ${about.replaceAll('*/', '* /')} */\n`;
}

class Description {
  constructor(json) {
    this.json = json;
    this.scalars = new Map(json.scalars.map((each) => [each.name, kScalars[each.json]]));
    this.named = new Set([...json.records, ...json.enums].map((each) => each.name));
  }

  type(name) {
    if (name.endsWith('[]')) return `${this.type(name.slice(0, -2))}[]`;
    if (this.named.has(name)) return camel(name);
    const scalar = this.scalars.get(name);
    if (!scalar) throw new Error(`the description has no type ${name}`);
    return kPlain[name] ?? camel(name);
  }

  /** `given`: fields that the page gives and may leave out; else fields that it gets, always there, perhaps null. */
  fields(list, given) {
    return list
      .map((each) => {
        const mark = given && !each.required ? '?' : '';
        const orNull = each.required ? '' : ' | null';
        return `${comment(each.about, '  ')}  ${each.name}${mark}: ${this.type(each.type)}${orNull};\n`;
      })
      .join('');
  }

  record(each, suffix, given) {
    const list = each.fields ?? each.params;
    if (list.length === 0) return `${comment(each.about)}export type ${camel(each.name)}${suffix} = Record<string, never>;\n\n`;
    return `${comment(each.about)}export interface ${camel(each.name)}${suffix} {\n${this.fields(list, given)}}\n\n`;
  }
}

/** The records that occur in parameters: of these, what is optional may be left out. */
function givenRecords(json) {
  const byName = new Map(json.records.map((each) => [each.name, each]));
  const given = new Set();
  const visit = (list) => {
    for (const { type } of list) {
      const name = type.replace(/\[\]$/, '');
      if (!byName.has(name) || given.has(name)) continue;
      given.add(name);
      visit(byName.get(name).fields);
    }
  };
  for (const method of json.methods) visit(method.params);
  return given;
}

function scalarTypes(description) {
  return description.json.scalars
    .filter((each) => !kPlain[each.name])
    .map((each) => `${comment(each.about)}export type ${camel(each.name)} = ${kScalars[each.json]};\n`)
    .join('');
}

function enumTypes(json) {
  return json.enums
    .map((each) => {
      const values = each.values.map((value) => `${comment(value.about, '  ').trimEnd()}\n  | '${value.name}'`);
      return `${comment(each.about)}export type ${camel(each.name)} =\n${values.join('\n')};\n\n`;
    })
    .join('');
}

function methodMap(methods) {
  const lines = methods.map(
    (each) =>
      `${comment(each.about, '  ')}  ${each.name}: { params: ${camel(each.name)}Params; result: ${camel(each.result)}Result };\n`,
  );
  return `export interface Methods {\n${lines.join('')}}\n\n`;
}

function noticeMap(notices) {
  const lines = notices.map((each) => `  ${each.name}: ${camel(each.name)}Notice;\n`);
  return `export interface Notices {\n${lines.join('')}}\n\n`;
}

function errorNames(errors) {
  const lines = errors.map((each) => `  ${each.name}: ${each.code},\n`);
  return `/** The number of each error that can reach people, by its name. */\nexport const kErrors = {\n${lines.join('')}} as const;\n\nexport type ErrorName = keyof typeof kErrors;\n`;
}

function render(json) {
  const description = new Description(json);
  const given = givenRecords(json);
  const methods = [...json.methods, ...json.connection_methods, ...json.program_methods];
  return [
    '// Made by tools/generate_types.mjs from `godwit rpc --describe`. Do not edit.\n\n',
    `export const kApiVersion = ${json.version};\nexport const kLineSizeMax = ${json.line_size_max};\nexport const kPendingMax = ${json.pending_max};\n\n`,
    '// ---- values ----\n\n',
    scalarTypes(description),
    '\n',
    enumTypes(json),
    '// ---- records ----\n\n',
    ...json.records.map((each) => description.record(each, '', given.has(each.name))),
    '// ---- methods ----\n\n',
    ...methods.map((each) => description.record(each, 'Params', true)),
    ...json.results.map((each) => description.record(each, 'Result', false)),
    methodMap(methods),
    '// ---- notices ----\n\n',
    ...json.notices.map((each) => description.record(each, 'Notice', false)),
    noticeMap(json.notices),
    '// ---- errors ----\n\n',
    errorNames(json.errors),
  ].join('');
}

function main(given) {
  const checks = given[0] === '--check';
  const source = given[checks ? 1 : 0];
  if (!source) throw new Error('usage: npm run types -- <path to godwit, or a saved description>');
  const text = source.endsWith('.json')
    ? readFileSync(source, 'utf8')
    : execFileSync(source, ['rpc', '--describe'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const path = fileURLToPath(new URL('../src/api/types.ts', import.meta.url));
  const made = render(JSON.parse(text));
  if (!checks) return writeFileSync(path, made);
  if (readFileSync(path, 'utf8') === made) return;
  console.error(`${path} is not what ${source} describes: npm run types -- ${source}`);
  process.exitCode = 1;
}

main(process.argv.slice(2));
