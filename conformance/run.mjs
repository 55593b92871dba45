// ./cistern conformance: runs the public test suite of HTTP caches (https://cache-tests.fyi) through the gateway.
// node conformance/run.mjs [--suite DIR] [--id TEST] [--json FILE] -- COMMAND...   COMMAND starts Cistern
// Ends with 0; 1 when it could not run, 2 when the command line is wrong, 3 when a required test failed that is not in
// known-failures.txt, or known-failures-npm.txt.
import { fork, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readKnown, report, table } from './count.mjs'
import { Failure } from './failure.mjs'
import { readSuite } from './suite.mjs'

/** The newest edition in npm's registry. The project's repository has newer ones of the same number, for --suite. */
const PACKAGE = 'http-cache-tests'
const VERSION = '0.4.5'

const ROUTES = 'routes/passthrough.camel.yaml,routes/shared.camel.yaml'
const START_SECONDS = 60
const RUN_MINUTES = 15

const here = path.dirname(fileURLToPath(import.meta.url))
const work = path.resolve(here, '../target/conformance')

const running = new Set()

function end (signal) {
  for (const child of running) child.kill(signal)
}

/** A process of this run: it is ended with it. */
function track (child) {
  running.add(child)
  child.ended = new Promise(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? code))
  })
  child.ended.then(() => running.delete(child))
  return child
}

for (const [signal, number] of [['SIGHUP', 1], ['SIGINT', 2], ['SIGTERM', 15]]) {
  process.on(signal, () => {
    end('SIGKILL')
    process.exit(128 + number)
  })
}

function parse (args) {
  const split = args.indexOf('--')
  const options = { command: args.slice(split + 1) }
  const own = args.slice(0, split)
  while (own.length) {
    const [name, ...rest] = own.shift().split('=')
    if (!['--suite', '--id', '--json'].includes(name)) {
      throw new Failure(`conformance has no option '${name}': the options are --suite DIR, --id TEST and --json FILE.`, 2)
    }
    const value = rest.length ? rest.join('=') : own.shift()
    if (!value) throw new Failure(`${name} needs a value, see --help.`, 2)
    options[name.slice(2)] = value
  }
  if (options.id && options.json) throw new Failure('--json is for whole runs: leave out --id.', 2)
  return options
}

/** The directory of the edition in npm's registry, which is brought when it is not there yet. */
async function bring () {
  const home = path.join(work, `${PACKAGE}-${VERSION}`)
  const found = path.join(home, 'node_modules', PACKAGE)
  if (fs.existsSync(found)) return found
  say(`bringing ${PACKAGE} ${VERSION} by npm…`)
  fs.mkdirSync(work, { recursive: true })
  const part = fs.mkdtempSync(`${home}.`)
  process.on('exit', () => fs.rmSync(part, { recursive: true, force: true }))
  const npm = track(spawn('npm', ['install', '--prefix', part, '--no-save', '--no-package-lock', '--ignore-scripts',
    '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error', `${PACKAGE}@${VERSION}`], { stdio: ['ignore', 2, 2] }))
  const status = await npm.ended
  if (status !== 0) throw new Failure(`npm could not install ${PACKAGE}@${VERSION} (${status}). With a checkout of the suite: --suite DIR.`)
  // At once, as another run may bring it at the same time.
  if (!fs.existsSync(home)) fs.renameSync(part, home)
  return found
}

/** Runs a script of the suite, whose options are what npm makes of its own. */
function script (file, suite, options, stdio) {
  return track(fork(path.join(here, 'child.mjs'), [file], {
    cwd: suite.directory,
    env: { ...process.env, npm_package_config_id: '', ...options },
    execArgv: ['--no-warnings'],
    stdio: [...stdio, 'ipc']
  }))
}

async function startServer (suite, output) {
  const server = script(suite.server, suite,
    { npm_config_protocol: 'http', npm_config_port: '0', npm_config_pidfile: '/dev/null' }, ['ignore', output, 'pipe'])
  const said = gather(server.stderr)
  const port = new Promise(resolve => server.once('message', message => resolve(message.port)))
  const ended = server.ended.then(status => { throw failed('server', status, said(), suite) })
  return await Promise.race([port, ended])
}

function failed (part, status, said, suite) {
  const hint = said.includes('ERR_MODULE_NOT_FOUND') ? ` Run npm install in ${suite.directory}.` : ''
  return new Failure(`the suite's ${part} ended with ${status}: ${said.trim() || 'it said nothing.'}${hint}`)
}

function gather (stream) {
  let text = ''
  stream.setEncoding('utf8').on('data', chunk => { text += chunk })
  return () => text
}

/** Ports that are free now, of all addresses. */
async function freePorts (count) {
  const servers = []
  for (let i = 0; i < count; i++) {
    servers.push(await new Promise((resolve, reject) => {
      const server = net.createServer()
      server.once('error', reject).listen(0, () => resolve(server))
    }))
  }
  const ports = servers.map(server => server.address().port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

/** Starts Cistern before an upstream, by nothing but what is here, the file of properties and JAVA_OPTS. */
async function startGateway (command, upstream) {
  const [port, admin] = await freePorts(2)
  const env = Object.fromEntries(Object.entries(process.env)
    .filter(([name]) => !/^(PORT|(CISTERN|CONSUL|REDIS|CACHE|PASSTHROUGH|C42|GITHUB)_.*)$/.test(name)))
  Object.assign(env, {
    PASSTHROUGH_URL: upstream,
    CISTERN_ADMIN_PORT: String(admin),
    CISTERN_LOG_LEVEL: process.env.CISTERN_LOG_LEVEL || 'WARN'
  })
  const log = path.join(work, 'gateway.log')
  const file = fs.openSync(log, 'w')
  const gateway = track(spawn(command[0], [...command.slice(1), 'run', '--port', String(port), '--routes', ROUTES],
    { env, stdio: ['ignore', file, file] }))
  fs.closeSync(file)
  // Its input ends with this process, however that ends.
  const guard = spawn('sh', ['-c', `trap '' HUP INT; read -r _; kill -KILL ${gateway.pid}`], { stdio: ['pipe', 'ignore', 'ignore'] })
  gateway.ended.then(() => guard.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  const until = Date.now() + START_SECONDS * 1000
  while (!await ready(url)) {
    if (!running.has(gateway)) throw new Failure(`the gateway ended with ${await gateway.ended}: ${fs.readFileSync(log, 'utf8').trim()}`)
    if (Date.now() > until) throw new Failure(`the gateway is not ready after ${START_SECONDS} s, see ${log}.`)
    await pause(100)
  }
  return { url, log, process: gateway }
}

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

async function ready (url) {
  try {
    return (await fetch(`${url}/observe/health/ready`)).ok
  } catch {
    return false
  }
}

/** Runs the suite's client; returns what it printed, where it is not shown. */
async function runClient (suite, url, id) {
  const client = script(suite.client, suite, { npm_config_base: url, npm_config_id: id ?? '' },
    ['ignore', id ? 'inherit' : 'pipe', id ? 'inherit' : 'pipe'])
  const printed = id ? () => '' : gather(client.stdout)
  const said = id ? () => '' : gather(client.stderr)
  const timer = setTimeout(() => client.kill('SIGKILL'), RUN_MINUTES * 60_000)
  const status = await client.ended
  clearTimeout(timer)
  if (status === 'SIGKILL') throw new Failure(`the suite's client did not end within ${RUN_MINUTES} minutes.`)
  if (status !== 0) throw failed('client', status, said(), suite)
  return printed
}

function read (printed) {
  try {
    return JSON.parse(printed.slice(printed.search(/^\{/m)))
  } catch {
    throw new Failure(`the suite's client printed no results: ${printed.trim()}`)
  }
}

/** Cistern's, as the build has it. */
function version () {
  const pom = fs.readFileSync(path.resolve(here, '../pom.xml'), 'utf8')
  return /<artifactId>cistern<\/artifactId>\s*<version>(.*?)</.exec(pom)?.[1] ?? ''
}

function say (text) {
  console.error(`cistern: ${text}`)
}

async function run (options) {
  const list = options.suite ? 'known-failures.txt' : 'known-failures-npm.txt'
  const known = readKnown(fs.readFileSync(path.join(here, list), 'utf8'), `conformance/${list}`)
  const suite = await readSuite(options.suite ? path.resolve(options.suite) : await bring())
  if (options.id && !suite.tests.some(test => test.id === options.id)) {
    throw new Failure(`${PACKAGE} ${suite.version} has no test '${options.id}'.`, 2)
  }
  fs.mkdirSync(work, { recursive: true })
  const port = await startServer(suite, options.id ? 'inherit' : 'ignore')
  const gateway = await startGateway(options.command, `http://127.0.0.1:${port}`)
  if (!options.id) say(`running ${suite.tests.length} tests, which takes a minute or two…`)
  const printed = await runClient(suite, gateway.url, options.id)
  if (!running.has(gateway.process)) throw new Failure(`the gateway ended with ${await gateway.process.ended}, see ${gateway.log}.`)
  if (options.id) {
    // The suite's own last line has the result without the test's name.
    console.log(`That was ${options.id} of ${PACKAGE} ${suite.version}.`)
    return 0
  }

  const results = read(printed())
  if (options.json) fs.writeFileSync(options.json, JSON.stringify(results, null, 2) + '\n')
  console.log(`${PACKAGE} ${suite.version}, ${suite.tests.length} tests, from ${suite.directory}; the other caches as in its results/.\n`)
  console.log(table(suite, results, version()))
  const { text, unknown } = report(suite, results, known)
  console.log(text)
  if (!options.suite) {
    console.log(`\nThis is npm's edition, of 2020. README.md counts the newest: ./cistern conformance --suite DIR, with a checkout as docs/conformance.md has it.`)
  }
  return unknown ? 3 : 0
}

let status
try {
  status = await run(parse(process.argv.slice(2)))
} catch (error) {
  say(error instanceof Failure ? error.message : error.stack)
  status = error.status ?? 1
}
end('SIGTERM')
await Promise.race([Promise.all([...running].map(child => child.ended)), pause(5000)])
end('SIGKILL')
process.exit(status)
