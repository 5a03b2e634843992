// Lists what is inside the executable: sbom.cdx.json (CycloneDX 1.5), THIRD-PARTY-LICENSES.txt, and what `fastbridge licenses` shows. Everything is read from where the build took it:
// NuGet's restore of the published project, librdkafka's build script and its licences, the C libraries' headers, npm's lock file of the dashboard.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const usage = `Usage: node scripts/sbom.mjs [--output DIR] [--assets FILE]
       node scripts/sbom.mjs --embed FILE [--assets FILE]

Writes DIR/sbom.cdx.json and DIR/THIRD-PARTY-LICENSES.txt. DIR is artifacts by default.

  --embed FILE    write only this: what the build puts into the executable for fastbridge licenses, JSON by gzip
  --assets FILE   NuGet's project.assets.json; default that of the last scripts/publish.sh

  SOURCE_DATE_EPOCH   the SBOM's time, seconds since 1970; without it the SBOM has none
`;

class Missing extends Error {}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
// The C libraries that are linked in besides librdkafka (zlib is none: .NET's own zlib-ng serves librdkafka too): the header that tells the version, the macros that hold it, Debian's package, the licence.
const systemLibraries = [
  { name: 'openssl', header: 'openssl/opensslv.h', macros: ['OPENSSL_VERSION_STR'], package: 'libssl-dev', license: 'Apache-2.0' },
  { name: 'zstd', header: 'zstd.h', macros: ['ZSTD_VERSION_MAJOR', 'ZSTD_VERSION_MINOR', 'ZSTD_VERSION_RELEASE'], package: 'libzstd-dev', license: 'BSD-3-Clause' },
];
// Packages that the build reads and the executable does not hold: reference assemblies, the compiler and its helpers.
const buildOnly = /\.Ref$|\.App\.Host\.|\.ILLink\.|^Microsoft\.DotNet\.ILCompiler$/;

function read(path, remedy) {
  if (!existsSync(path)) throw new Missing(`${path} is not there; ${remedy}`);
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

const within = (text, tag) => new RegExp(`<${tag}(?:\\s[^>]*)?>([^<]*)</${tag}>`).exec(text)?.[1].trim() ?? '';
const unescapeXml = text => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
const filesIn = (folder, pattern) => readdirSync(folder).filter(name => pattern.test(name)).sort();
const ourLicense = read(join(root, 'LICENSE'), 'this is not fastbridge\'s source');

/** The text of a licence that a package names and does not carry. */
function wellKnown(expression, copyright, of) {
  if (expression === 'Apache-2.0') return `${copyright}\n\n${ourLicense}`;
  if (expression === 'MIT') return `The MIT License\n\n${copyright}\n\n${mit}`;
  throw new Missing(`${of}: no licence text in the package, and none here for "${expression}"; add it to scripts/sbom.mjs`);
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

/** Every package of the restore graph, also those that are only downloaded (runtime packs, Confluent.Kafka). */
function packages(assetsFile) {
  const assets = JSON.parse(read(assetsFile, 'run scripts/publish.sh'));
  const folders = Object.keys(assets.packageFolders);
  const found = new Map();
  for (const [id, library] of Object.entries(assets.libraries)) if (library.type === 'package') found.set(id.toLowerCase(), id.split('/'));
  for (const framework of Object.values(assets.project.frameworks)) {
    for (const { name, version } of framework.downloadDependencies ?? []) {
      const exact = version.replace(/^\[|,.*$/g, '');
      found.set(`${name}/${exact}`.toLowerCase(), [name, exact]);
    }
  }
  return [...found.values()].map(([name, version]) => nugetPackage(name, version, folders));
}

function nugetPackage(name, version, folders) {
  const folder = folders.map(f => join(f, name.toLowerCase(), version.toLowerCase())).find(existsSync);
  if (!folder) throw new Missing(`${name} ${version} is in no package folder; run scripts/publish.sh`);
  const spec = read(join(folder, `${name.toLowerCase()}.nuspec`), 'restore again');
  const license = /<license type="expression">([^<]*)</.exec(spec)?.[1];
  if (!license) throw new Missing(`${name} ${version}: its package names no licence by an SPDX expression; add it to scripts/sbom.mjs`);
  const [text] = filesIn(folder, /^licen[sc]e(\.(txt|md))?$/i);
  return {
    name, version, license,
    purl: `pkg:nuget/${name}@${version}`,
    isLinked: !buildOnly.test(name),
    text: text ? read(join(folder, text)) : wellKnown(license, unescapeXml(within(spec, 'copyright')), name),
    parts: zlibNg(folder),
    notices: filesIn(folder, /^third-?party-?notices\.txt$/i).map(file => read(join(folder, file))),
  };
}

/** The compression library in the pack of .NET's runtime, which librdkafka's gzip is linked with as well; its version stands in its code, its licence in the pack's notices. */
function zlibNg(folder) {
  const archive = [join(folder, 'sdk/libz.a'), ...(existsSync(join(folder, 'runtimes')) ? readdirSync(join(folder, 'runtimes')).map(rid => join(folder, 'runtimes', rid, 'native/libz.a')) : [])].find(existsSync);
  const version = archive && /(\d[\d.]*)\.zlib-ng/.exec(readFileSync(archive, 'latin1'))?.[1];
  return version ? [{ name: 'zlib-ng', version: `${version}.zlib-ng`, license: 'Zlib' }] : undefined;
}

/** librdkafka, and what it carries in its own source. */
function librdkafka() {
  const script = read(join(root, 'scripts/build-librdkafka.sh'));
  const version = /^version=(\S+)$/m.exec(script)[1];
  const sha256 = /^sha256=(\S+)$/m.exec(script)[1];
  const folder = join(root, 'artifacts/librdkafka/LICENSES');
  if (!existsSync(folder)) throw new Missing(`${folder} is not there; run scripts/build-librdkafka.sh`);
  const part = file => ({ name: file.slice('LICENSE.'.length), text: read(join(folder, file)) });
  return {
    name: 'librdkafka', version, license: 'BSD-2-Clause', purl: `pkg:github/confluentinc/librdkafka@v${version}`, isLinked: true, sha256,
    text: read(join(folder, 'LICENSE'), 'run scripts/build-librdkafka.sh --force'), notices: [],
    parts: filesIn(folder, /^LICENSE\.\w+$/).map(part),
  };
}

function systemLibrary({ name, header, macros, package: from, license }) {
  let defined;
  try {
    defined = execFileSync(process.env.CC || 'cc', ['-E', '-dM', '-x', 'c', '-'], { input: `#include <${header}>\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  } catch {
    throw new Missing(`the version of ${name} cannot be read from <${header}>; run scripts/setup.sh`);
  }
  const version = macros.map(macro => new RegExp(`^#define ${macro} "?([^"\\n]*)"?$`, 'm').exec(defined)?.[1]).join('.');
  const copyright = `/usr/share/doc/${from}/copyright`;
  let debian;
  try {
    debian = execFileSync('dpkg-query', ['-W', '-f', '${Version}', from], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    debian = undefined; // not Debian's
  }
  // The licence first, and what the distribution tells of copyrights, where it does: the packages of other systems do not.
  const kept = join(root, `packaging/licenses/${name}.txt`);
  const own = license === 'Apache-2.0' ? ourLicense : existsSync(kept) ? read(kept) : '';
  const text = [own, existsSync(copyright) ? read(copyright) : ''].filter(Boolean).join('\n');
  if (!text) throw new Missing(`${name}: no licence text at ${copyright}; install ${from}, or keep its licence in ${kept}`);
  return { name, version, license, purl: debian ? `pkg:deb/debian/${from}@${encodeURIComponent(debian)}` : `pkg:generic/${name}@${version}`, isLinked: true, text, notices: [] };
}

/** What npm brings into the dashboard. */
function dashboard() {
  const lock = JSON.parse(read(join(root, 'src/Fastbridge/Dashboard/package-lock.json')));
  return Object.entries(lock.packages).filter(([path]) => path.startsWith('node_modules/')).map(([path, { version, license }]) => {
    const name = path.slice('node_modules/'.length);
    const cache = join(root, 'artifacts/dashboard');
    const folder = existsSync(cache) && filesIn(cache, new RegExp(`^${name}-${version.replaceAll('.', '\\.')}-`))[0];
    const file = folder && filesIn(join(cache, folder), /LICENSE/i)[0];
    if (!file) throw new Missing(`the licence of ${name} ${version} is not in ${cache}; run scripts/publish.sh`);
    return { name, version, license, purl: `pkg:npm/${name}@${version}`, isLinked: true, text: read(join(cache, folder, file)), notices: [] };
  });
}

function toComponent({ name, version, license, purl, isLinked, sha256, parts }) {
  const component = { type: 'library', 'bom-ref': purl, name, version, scope: isLinked ? 'required' : 'excluded' };
  if (sha256) component.hashes = [{ alg: 'SHA-256', content: sha256 }];
  component.licenses = [{ expression: license }];
  component.purl = purl;
  // librdkafka's are copies without a version of their own, and their licences texts that no SPDX name is given for.
  if (parts) component.components = parts.map(part => ({
    type: 'library', 'bom-ref': `${purl}#${part.name}`, name: part.name, version: part.version,
    licenses: [part.license ? { expression: part.license } : { license: { name: `of ${part.name}, as ${name} ${version} carries it`, text: { content: part.text } } }],
  }));
  return component;
}

function sbom(components, version) {
  const own = `pkg:generic/fastbridge@${version}`;
  const content = {
    bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
    metadata: { component: { type: 'application', 'bom-ref': own, name: 'fastbridge', version, licenses: [{ expression: 'Apache-2.0' }], purl: own } },
    components: components.map(toComponent),
    dependencies: [{ ref: own, dependsOn: components.filter(c => c.isLinked).map(c => c.purl) }],
  };
  if (process.env.SOURCE_DATE_EPOCH) content.metadata.timestamp = new Date(process.env.SOURCE_DATE_EPOCH * 1000).toISOString().replace('.000Z', 'Z');
  // Of the content, so that equal contents are the same document.
  const id = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const serial = `${id.slice(0, 8)}-${id.slice(8, 12)}-5${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`;
  return JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json', ...content, serialNumber: `urn:uuid:${serial}` }, null, 1) + '\n';
}

/** The texts, each once, with the headings that stand over it and the libraries that it is for. */
function textsOf(linked) {
  const texts = new Map();
  const add = (raw, heading, library) => {
    const text = raw.trim();
    if (!texts.has(text)) texts.set(text, { headings: [], libraries: [] });
    texts.get(text).headings.push(heading);
    if (!texts.get(text).libraries.includes(library)) texts.get(text).libraries.push(library);
  };
  for (const c of linked) add(c.text, `${c.name} ${c.version} (${c.license})`, c.name);
  for (const c of linked) for (const part of c.parts ?? []) if (part.text) add(part.text, `${part.name}, in ${c.name} ${c.version}`, c.name);
  for (const c of linked) for (const notice of c.notices) add(notice, `Third parties' notices of ${c.name} ${c.version}`, c.name);
  return [...texts].map(([text, of]) => ({ ...of, text }));
}

/** What the executable carries. Texts as numbers of their paragraphs: the notices of .NET's packs are nearly the same, and too long for gzip to see it. */
function embedded(components) {
  const linked = components.filter(c => c.isLinked);
  const libraries = linked.map(({ name, version, license, purl, parts }) => ({ name, version, license, purl, parts: (parts ?? []).map(p => p.name) }));
  const numbers = new Map();
  const number = paragraph => numbers.get(paragraph) ?? (numbers.set(paragraph, numbers.size), numbers.size - 1);
  const texts = textsOf(linked).map(({ text, ...of }) => ({ ...of, paragraphs: text.split('\n\n').map(number) }));
  return gzipSync(JSON.stringify({ libraries, texts, paragraphs: [...numbers.keys()] }), { level: 9 });
}

function licenses(components) {
  const linked = components.filter(c => c.isLinked);
  const rule = '='.repeat(100);
  const list = linked.map(c => `  ${c.name} ${c.version}  ${c.license}${c.parts ? `, with ${c.parts.map(p => p.name).join(', ')}` : ''}`);
  return `The libraries inside the executable fastbridge, their licences and notices.\n\n${list.join('\n')}\n\n` +
    textsOf(linked).map(({ headings, text }) => `${rule}\n${headings.join('\n')}\n${rule}\n\n${text}\n`).join('\n');
}

function main(args) {
  let output = join(root, 'artifacts');
  let embed;
  let assets = join(root, 'artifacts/publish/obj/Fastbridge/project.assets.json');
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '-h' || args[i] === '--help') {
      process.stdout.write(usage);
      return 0;
    }
    if (!['--output', '--assets', '--embed'].includes(args[i]) || !args[i + 1]) {
      process.stderr.write(`sbom: unknown argument or missing value: '${args[i]}'\n${usage}`);
      return 2;
    }
    if (args[i] === '--output') output = resolve(args[++i]);
    else if (args[i] === '--embed') embed = resolve(args[++i]);
    else assets = resolve(args[++i]);
  }
  try {
    const version = within(read(join(root, 'Directory.Build.props')), 'Version');
    const components = [...packages(assets), librdkafka(), ...systemLibraries.map(systemLibrary), ...dashboard()]
      .sort((a, b) => (a.purl < b.purl ? -1 : 1));
    if (embed) {
      mkdirSync(dirname(embed), { recursive: true });
      writeFileSync(embed, embedded(components));
      return 0;
    }
    mkdirSync(output, { recursive: true });
    writeFileSync(join(output, 'sbom.cdx.json'), sbom(components, version));
    writeFileSync(join(output, 'THIRD-PARTY-LICENSES.txt'), licenses(components));
    return 0;
  } catch (e) {
    if (!(e instanceof Missing) && !e.code) throw e;
    process.stderr.write(`sbom: ${e.message}\n`);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
