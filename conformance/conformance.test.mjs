// node --test conformance/conformance.test.mjs: what is counted and said, on suites that are made up here, of both layouts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { count, failures, readKnown, report, table } from './count.mjs'
import { readSuite } from './suite.mjs'

const here = path.dirname(fileURLToPath(import.meta.url))

const TESTS = `[
  { id: 'base', kind: 'optimal' },
  { id: 'keeps', depends_on: ['base'] },
  { id: 'drops', kind: 'required' },
  { id: 'asks', kind: 'check' },
  { id: 'in-a-browser', browser_only: true }
]`

// As the suite decides it: a symbol at the third place; a test whose dependency did not pass did not either.
const VERDICTS = `export function determineTestResult (sets, id, results) {
  const test = sets.flatMap(set => set.tests).find(each => each.id === id)
  if ((test.depends_on ?? []).some(each => !['✅', 'Y'].includes(determineTestResult(sets, each, results)[2]))) return ['', '', '⚪️']
  const passed = results[id] === true
  return ['', '', test.kind === 'check' ? (passed ? 'Y' : 'N') : (passed ? '✅' : '⛔️')]
}`

const RESULTS = { base: true, keeps: true, drops: ['Assertion', 'Response 2\n  comes from cache'], asks: true }

const SERVER = "import http from 'node:http'\nhttp.createServer((request, response) => response.end()).listen(80)"

const CLIENT = `const base = process.env.npm_config_base
if (!(await fetch(base + '/through')).ok) throw new Error('no way through')
const id = process.env.npm_config_id || process.env.npm_package_config_id
console.log(id !== '' ? 'dump of ' + id : JSON.stringify(${JSON.stringify(RESULTS)}, null, 2))`

/** Stands for Cistern: takes its options and its environment, and is ready at once. */
const GATEWAY = `import http from 'node:http'
if (process.argv[2] === 'broken') { console.log('it is broken'); process.exit(7) }
const port = process.argv[process.argv.indexOf('--port') + 1]
http.createServer(async (request, response) => {
  if (request.url !== '/observe/health/ready') await fetch(process.env.PASSTHROUGH_URL + request.url)
  response.end()
}).listen(port, '127.0.0.1')`

function write (directory, files) {
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true })
    fs.writeFileSync(path.join(directory, file), text)
  }
}

function madeUp (t, layout) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  write(directory, {
    'package.json': '{ "version": "1.2.3", "type": "module" }',
    'gateway.mjs': GATEWAY,
    'tests/index.mjs': `export default [{ id: 'set', tests: ${TESTS} }]`,
    'results/index.mjs': `export default [
      { file: 'low.json', name: 'Low', version: '1', type: 'cdn' },
      { file: 'high.json', name: 'High', version: '22', type: 'rev-proxy' },
      { file: 'none.json', name: 'Fox', version: '3', type: 'browser' }]`,
    'results/low.json': '{ "base": ["Assertion", "no"], "keeps": true }',
    'results/high.json': '{ "base": true, "keeps": true, "drops": true }',
    ...layout
  })
  return directory
}

const today = t => madeUp(t, {
  'test-engine/cli.mjs': CLIENT,
  'test-engine/server/server.mjs': SERVER,
  'test-engine/lib/results.mjs': VERDICTS
})

const ofNpm = t => madeUp(t, {
  'cli.mjs': CLIENT,
  'server/server.mjs': SERVER,
  'lib/display.mjs': VERDICTS,
  'tests/surrogate-control.mjs': "export default { id: 'more', tests: [{ id: 'surrogate', kind: 'optimal' }] }"
})

test('a test counts where those passed that it depends on, and those of browsers are left out', async t => {
  const suite = await readSuite(today(t))
  assert.deepEqual(suite.tests.map(each => each.id), ['base', 'keeps', 'drops', 'asks'])
  assert.deepEqual(count(suite, RESULTS), { required: 1, optimal: 1, check: 1 })
  assert.deepEqual(count(suite, { ...RESULTS, base: ['Setup', 'retry'] }), { required: 0, optimal: 0, check: 1 })
})

test('the edition of the npm registry has other places, and a set of tests more', async t => {
  const suite = await readSuite(ofNpm(t))
  assert.equal(suite.tests.length, 5)
  assert.deepEqual(count(suite, { ...RESULTS, surrogate: true }), { required: 1, optimal: 2, check: 1 })
})

test('what is no edition is named', async () => {
  await assert.rejects(readSuite(here), { message: `${here} is no edition of http-cache-tests: it has neither test-engine/cli.mjs nor cli.mjs.` })
})

test('each that did not pass has one line that says why', async t => {
  const suite = await readSuite(today(t))
  assert.deepEqual(failures(suite, { base: ['AbortError', 'too long'], keeps: true, drops: RESULTS.drops }), [
    { kind: 'optimal', id: 'base', why: 'AbortError: too long' },
    { kind: 'required', id: 'keeps', why: 'needs base, which did not pass' },
    { kind: 'required', id: 'drops', why: 'Response 2 comes from cache' }
  ])
  assert.deepEqual(failures(suite, { base: true, keeps: true }), [{ kind: 'required', id: 'drops', why: 'did not run' }])
})

test('the table has this cache first and the others by what they pass, without browsers', async t => {
  assert.equal(table(await readSuite(today(t)), RESULTS, '0.1'), [
    '         version  required (2)  optimal (1)  behaviour (1)',
    'Cistern  0.1                 1            1              1',
    'High     22                  2            1              0',
    'Low      1                   0            0              0'
  ].join('\n'))
})

test('only what is known may fail, and what is known and passes is said', async t => {
  const suite = await readSuite(today(t))
  const known = readKnown('# why\n\ndrops  RFC 9111, 4.2\nkeeps it is slow\ngone not in this edition\n', 'list')
  assert.deepEqual(report(suite, RESULTS, known), {
    unknown: 0,
    text: [
      '', 'Required, not passed: 1', '  drops: Response 2 comes from cache (known: RFC 9111, 4.2)',
      '', 'Known failures that passed, to be taken out of the list: keeps'
    ].join('\n')
  })
  assert.equal(report(suite, RESULTS, new Map()).unknown, 1)
})

test('an id without a reason is refused, and one that is there twice', () => {
  assert.throws(() => readKnown('# ids\ndrops\n', 'list'), { message: "list:2: 'drops' has no reason: write it behind the id." })
  assert.throws(() => readKnown('drops a\ndrops b\n', 'list'), { message: "list:2: 'drops' is there twice." })
})

test('the shipped list can be read', () => {
  for (const list of ['known-failures.txt', 'known-failures-npm.txt']) {
    readKnown(fs.readFileSync(path.join(here, list), 'utf8'), list)
  }
})

for (const [name, make] of Object.entries({ 'of today': today, 'of npm': ofNpm })) {
  test(`an edition ${name} is run through the gateway, and its results kept`, async t => {
    const directory = make(t)
    const file = path.join(directory, 'kept.json')
    const ran = await run(['--suite', directory, `--json=${file}`], directory)
    assert.equal(ran.status, 3, ran.said)
    assert.match(ran.said, /^Cistern +\S+ +1 +1 +1$/m)
    assert.match(ran.said, /^Required tests that failed and are not known: 1$/m)
    assert.deepEqual(JSON.parse(fs.readFileSync(file, 'utf8')), RESULTS)
  })

  test(`one test of an edition ${name} is dumped`, async t => {
    const directory = make(t)
    const ran = await run(['--suite', directory, '--id', 'drops'], directory)
    assert.deepEqual(ran, { status: 0, said: 'dump of drops\nThat was drops of http-cache-tests 1.2.3.\n' })
  })
}

test('what can not be run is said in a sentence', async t => {
  const directory = today(t)
  assert.deepEqual(await run(['--sweet', directory], directory),
    { status: 2, said: "cistern: conformance has no option '--sweet': the options are --suite DIR, --id TEST and --json FILE.\n" })
  assert.deepEqual(await run(['--suite', directory, '--id', 'in-a-browser'], directory),
    { status: 2, said: "cistern: http-cache-tests 1.2.3 has no test 'in-a-browser'.\n" })
  assert.deepEqual(await run(['--suite', directory], directory, 'broken'),
    { status: 1, said: 'cistern: the gateway ended with 7: it is broken\n' })
  write(directory, { 'test-engine/cli.mjs': "import 'no-such-package'" })
  const ran = await run(['--suite', directory], directory)
  assert.equal(ran.status, 1)
  assert.match(ran.said, /Run npm install in /)
})

async function run (options, directory, ...more) {
  const child = spawn(process.execPath, [path.join(here, 'run.mjs'), ...options, '--', process.execPath, path.join(directory, 'gateway.mjs'), ...more])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { said += text })
  const status = await new Promise(resolve => child.once('close', resolve))
  return { status, said }
}
