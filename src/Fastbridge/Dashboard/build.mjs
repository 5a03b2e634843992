// Makes the dashboard's files for the executable: the sources beside this one and uPlot, each compressed. Run by Fastbridge.Dashboard.targets:
//   node build.mjs OUT CACHE
// OUT is emptied. CACHE keeps uPlot's files between builds, so that only the first one needs npm and its registry.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

// Bytes of all compressed files: the executable's size has a limit.
const MOST = 120 * 1024

const here = dirname(fileURLToPath(import.meta.url))
const [out, cache] = process.argv.slice(2).map(p => resolve(p))

function library() {
  const lock = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8')).packages['node_modules/uplot']
  // The folder's name holds the hash that npm checks: another package never comes from an old cache.
  const kept = join(cache, `uplot-${lock.version}-${Buffer.from(lock.integrity.replace('sha512-', ''), 'base64').toString('hex').slice(0, 16)}`)
  if (existsSync(kept)) return kept
  const work = join(cache, `work-${process.pid}`)
  mkdirSync(join(work, 'files'), { recursive: true })
  try {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(here, name), join(work, name))
    // On Windows npm is a script of the shell.
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: work, shell: process.platform === 'win32', stdio: ['ignore', 'ignore', 'pipe'] })
    const dist = join(work, 'node_modules', 'uplot')
    for (const [from, to] of [['dist/uPlot.iife.min.js', 'uPlot.js'], ['dist/uPlot.min.css', 'uPlot.css'], ['LICENSE', 'uPlot.LICENSE.txt']])
      copyFileSync(join(dist, from), join(work, 'files', to))
    try {
      renameSync(join(work, 'files'), kept)
    } catch (e) {
      if (!existsSync(kept)) throw e // Another build was faster.
    }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return kept
}

function build() {
  const from = library()
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const files = [here, from].flatMap(folder => readdirSync(folder)
    .filter(name => ['.html', '.css', '.js', '.svg', '.txt'].includes(extname(name)))
    .map(name => [name, join(folder, name)]))
  let bytes = 0
  for (const [name, path] of files) {
    const zipped = gzipSync(readFileSync(path), { level: 9 })
    bytes += zipped.length
    writeFileSync(join(out, `${name}.gz`), zipped)
  }
  if (bytes > MOST) throw new Error(`its files have ${bytes} bytes compressed; at most ${MOST} are allowed`)
  writeFileSync(join(out, 'built'), `${bytes}\n`)
  console.log(`dashboard: ${files.length} files, ${bytes} bytes compressed`)
}

// npm's code and its first sentence: the rest is advice and where its log lies.
const npmSaid = e => e.stderr && `npm ci: ${e.stderr.toString().replace(/^npm error /gm, '').trim().split('\n').slice(0, 2).join(', ')}`

try {
  build()
} catch (e) {
  const why = e.code === 'ENOENT' && e.syscall?.startsWith('spawn') ? 'npm is missing; run scripts/setup.sh' : (npmSaid(e) || e.message)
  console.log(`the dashboard cannot be built: ${why}`)
  process.exit(1)
}
