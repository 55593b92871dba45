// An edition of the test suite http-cache-tests: where its parts are, and what it says of results. Nothing of it is
// here: it is read from a directory, by dynamic import.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from './failure.mjs'

// Where the parts are: in the editions of today, and in that of the npm registry.
const LAYOUTS = [
  {
    client: 'test-engine/cli.mjs',
    server: 'test-engine/server/server.mjs',
    results: 'test-engine/lib/results.mjs',
    tests: ['tests/index.mjs']
  },
  {
    client: 'cli.mjs',
    server: 'server/server.mjs',
    results: 'lib/display.mjs',
    // Its client adds the second file to the first.
    tests: ['tests/index.mjs', 'tests/surrogate-control.mjs']
  }
]

const PASSED = ['✅', 'Y']

/**
 * Reads an edition.
 * @param {string} directory a checkout of the suite's repository, or the npm package
 * @throws {Failure} with a sentence, if it is neither
 */
export async function readSuite (directory) {
  const layout = LAYOUTS.find(each => fs.existsSync(path.join(directory, each.client)))
  if (!layout) {
    const asked = LAYOUTS.map(each => each.client).join(' nor ')
    throw new Failure(`${directory} is no edition of http-cache-tests: it has neither ${asked}.`)
  }
  const load = file => import(pathToFileURL(path.join(directory, file)))
  const sets = []
  for (const file of layout.tests) {
    sets.push(...[(await load(file)).default].flat())
  }
  const { determineTestResult } = await load(layout.results)
  return {
    directory,
    client: path.join(directory, layout.client),
    server: path.join(directory, layout.server),
    version: JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8')).version,
    tests: sets.flatMap(set => set.tests).filter(test => !test.browser_only),
    caches: await knownCaches(directory, load),
    /** Whether a test passed and all those did that it depends on, as the suite itself decides it. */
    passed: (id, results) => PASSED.includes(determineTestResult(sets, id, results)[2])
  }
}

/** The shared caches whose results the edition ships. Browsers are private caches, and leave out tests. */
async function knownCaches (directory, load) {
  const index = (await load('results/index.mjs')).default
  return index.filter(cache => cache.type !== 'browser').map(cache => ({
    name: cache.name,
    version: cache.version,
    results: JSON.parse(fs.readFileSync(path.join(directory, 'results', cache.file), 'utf8'))
  }))
}
