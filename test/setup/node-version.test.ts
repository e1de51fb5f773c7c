import test from 'ava'
import { setup } from './setup-modules.js'

const { nodeVersionComplaint } = setup.nodeVersion

test('Node 20.19 and all newer ones will do', (t) => {
  for (const version of ['20.19.0', '20.20.2', '22.0.0', '100.1.0'])
    t.is(nodeVersionComplaint(version, '>=20.19'), undefined, version)
})

test('An older Node is told what is needed and what it is', (t) => {
  for (const version of ['20.18.9', '18.20.0', '9.99.0'])
    t.regex(
      nodeVersionComplaint(version, '>=20.19') ?? '',
      new RegExp(`^Node 20.19 or newer .* Node ${version} `),
    )
})
