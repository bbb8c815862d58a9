// Publishing godwit.html: the list that says which files are Godwit's, signed, so that a page can tell whether it is one of them.
//
//   node tools/publish.mjs key KEY.pem                     makes a key, and prints what belongs into web/publisher.txt
//   node tools/publish.mjs add KEY.pem LIST VERSION FILE   adds a file's SHA-256 to the list, which is made if there is none
//
// Whoever has the key can name any file: it belongs on no machine that builds or serves.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const kHead = 'Godwit: published files\n';

function fail(text) {
  console.error(`publish: ${text}`);
  process.exit(2);
}

/** The uncompressed point: the last 65 bytes of its SubjectPublicKeyInfo (RFC 5480). */
function publisherOf(key) {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-65).toString('base64url');
}

function makeKey(path) {
  if (existsSync(path)) fail(`${path} is there already`);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  console.log(publisherOf(privateKey));
}

function add(keyPath, listPath, version, file) {
  if (!/^[\w.-]{1,40}$/.test(version)) fail('a version has letters, digits, dots and hyphens');
  const key = createPrivateKey(readFileSync(keyPath));
  const before = existsSync(listPath) ? readFileSync(listPath, 'utf8') : kHead;
  if (!before.startsWith(kHead)) fail(`${listPath} is no such list`);
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
  const entries = before.replace(/\nsignature .*\n$/, '\n');
  if (entries.includes(hash)) fail(`${file} is in the list already`);
  const list = `${entries}${new Date().toISOString().slice(0, 10)} ${version} ${hash}\n`;
  const signature = sign('sha256', Buffer.from(list), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  writeFileSync(`${listPath}.new`, `${list}signature ${signature}\n`);
  renameSync(`${listPath}.new`, listPath);
  console.log(`${hash} is ${version}, as ${publisherOf(key)} says`);
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'key' && rest.length === 1) makeKey(...rest);
else if (what === 'add' && rest.length === 4) add(...rest);
else fail('publish.mjs key KEY.pem | add KEY.pem LIST VERSION FILE');
