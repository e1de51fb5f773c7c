// Every npm script starts here. This file and node-version.mjs keep to syntax that old Node versions parse:
// somebody with one of those reads what is needed, not a SyntaxError. All else is imported afterwards.
import { readFileSync } from 'node:fs'
import { nodeVersionComplaint } from './node-version.mjs'

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const complaint = nodeVersionComplaint(process.versions.node, engines.node)

if (complaint) {
  process.stderr.write(`setup: ${complaint}\n`)
  process.exitCode = 1
} else {
  import('./commands.mjs').then(({ runCommand }) => runCommand(process.argv[2], process.argv.slice(3)))
}
