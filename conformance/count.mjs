// What a run of the suite came to: counts beside those of other caches, what did not pass and why, and whether that
// was known. All of it without I/O.
import { Failure } from './failure.mjs'

export const KINDS = ['required', 'optimal', 'check']

const kindOf = test => test.kind ?? 'required'

/** How many tests of each kind passed, such as { required: 3, optimal: 1, check: 0 }. */
export function count (suite, results) {
  const passed = suite.tests.filter(test => suite.passed(test.id, results))
  return Object.fromEntries(KINDS.map(kind => [kind, passed.filter(test => kindOf(test) === kind).length]))
}

/** The required and optimal tests that did not pass, each with its kind, id and why, in one line. */
export function failures (suite, results) {
  return suite.tests
    .filter(test => kindOf(test) !== 'check' && !suite.passed(test.id, results))
    .map(test => ({ kind: kindOf(test), id: test.id, why: why(suite, test, results) }))
}

function why (suite, test, results) {
  const needed = (test.depends_on ?? []).find(id => !suite.passed(id, results))
  if (needed) return `needs ${needed}, which did not pass`
  const result = results[test.id]
  if (!Array.isArray(result)) return 'did not run'
  const [name, message] = result
  const line = String(message).replace(/\s+/g, ' ').trim()
  return name === 'Assertion' ? line : `${name}: ${line}`
}

/**
 * Reads the list of known failures: a line for each, the id and the reason; # begins a comment.
 * @returns {Map<string, string>} the reason of each id
 * @throws {Failure} with a sentence, for a line that has no reason, or an id that is there twice
 */
export function readKnown (text, name) {
  const known = new Map()
  text.split('\n').forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return
    const [, id, reason] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line)
    if (!reason) throw new Failure(`${name}:${index + 1}: '${id}' has no reason: write it behind the id.`)
    if (known.has(id)) throw new Failure(`${name}:${index + 1}: '${id}' is there twice.`)
    known.set(id, reason)
  })
  return known
}

/** The table: this cache first, then the others by their required tests. */
export function table (suite, results, version) {
  const total = Object.fromEntries(KINDS.map(kind => [kind, suite.tests.filter(test => kindOf(test) === kind).length]))
  const others = suite.caches
    .map(cache => ({ ...cache, counts: count(suite, cache.results) }))
    .sort((a, b) => b.counts.required - a.counts.required || b.counts.optimal - a.counts.optimal)
  const rows = [
    ['', 'version', ...KINDS.map(kind => `${kind === 'check' ? 'behaviour' : kind} (${total[kind]})`)],
    ['Cistern', version, ...Object.values(count(suite, results))],
    ...others.map(cache => [cache.name, cache.version, ...Object.values(cache.counts)])
  ].map(row => row.map(String))
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)))
  const cell = (text, column) => column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column])
  return rows.map(row => row.map(cell).join('  ')).join('\n')
}

/**
 * The lists below the table, and whether a required test failed that is not known.
 * @param {Map<string, string>} known
 */
export function report (suite, results, known) {
  const failed = failures(suite, results)
  const lines = []
  for (const kind of ['required', 'optimal']) {
    const those = failed.filter(each => each.kind === kind)
    if (those.length === 0) continue
    lines.push('', `${kind === 'required' ? 'Required' : 'Optimal'}, not passed: ${those.length}`)
    for (const { id, why } of those) {
      lines.push(`  ${id}: ${why}${known.has(id) ? ` (known: ${known.get(id)})` : ''}`)
    }
  }
  const passing = [...known.keys()].filter(id => id in results && suite.tests.some(test => test.id === id) && suite.passed(id, results))
  if (passing.length) lines.push('', `Known failures that passed, to be taken out of the list: ${passing.join(', ')}`)
  const unknown = failed.filter(each => each.kind === 'required' && !known.has(each.id)).length
  if (unknown) lines.push('', `Required tests that failed and are not known: ${unknown}`)
  return { text: lines.join('\n'), unknown }
}
