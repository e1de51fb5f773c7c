/** CVE-2023-38408: whoever may name a library to be loaded runs code. Only settings and this machine's root may. */
import test from 'ava'
import { z } from 'zod'
import { moduleSchema } from '../../daemon/config.js'
import { chooseModules } from '../../daemon/modules.js'
import { KNOWN_MODULES } from '../../drivers/known-modules.js'
import { documentedRoutes } from '../docs/documented-routes.js'

const NAMES_A_LIBRARY = /path|module|library|environment|config/i

function namesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const properties = 'properties' in schema ? Object.keys(schema.properties as object) : []
  return [...properties, ...Object.values(schema).flatMap(namesIn)]
}

test('No request has a place for the path of a library', (t) => {
  const routes = documentedRoutes()
  const bodies = routes.flatMap(({ parse }) =>
    parse === undefined ? [] : z.toJSONSchema(parse, { io: 'input' }),
  )
  const inBodies = bodies.flatMap(namesIn)
  t.true(inBodies.includes('pin'), 'the bodies are seen')
  const inPaths = routes.flatMap(({ path }) => path.match(/(?<=\{)\w+(?=\})/g) ?? [])
  t.true(inPaths.includes('serial'), 'the paths are seen')
  const inQueries = routes.flatMap(({ query = {} }) => Object.keys(query))
  t.deepEqual(
    [...inBodies, ...inPaths, ...inQueries].filter((name) => NAMES_A_LIBRARY.test(name)),
    [],
  )
})

test('Libraries of the settings are opened and no others; without any, those found on the machine', (t) => {
  const found = () => [{ name: 'opensc', path: '/usr/lib/opensc-pkcs11.so' }]
  const own = moduleSchema.parse({
    name: 'own',
    path: '/opt/own.so',
    parallel: 3,
    remote: true,
    rescan_seconds: 2,
  })
  t.deepEqual(chooseModules([own], found), [
    {
      name: 'own',
      path: '/opt/own.so',
      environment: {},
      watchFolders: [],
      rescanEvery: 2_000,
      deadline: 20_000,
      parallel: 3,
      slotEvents: true,
      remote: true,
    },
  ])
  t.deepEqual(chooseModules([], found), [])
  const [chosen, ...others] = chooseModules(undefined, found)
  t.like(chosen, { name: 'opensc', path: '/usr/lib/opensc-pkcs11.so', parallel: 1, remote: false })
  t.deepEqual(others, [])
})

test('Known libraries have names that settings could give them, and full paths', (t) => {
  for (const { name, paths } of KNOWN_MODULES) {
    t.true(paths.length > 0)
    for (const path of paths) t.true(moduleSchema.safeParse({ name, path }).success, `${name} ${path}`)
  }
  t.is(
    KNOWN_MODULES[0]?.name,
    'safenet',
    'what serves Cisco’s tokens owns them, should another show them, too',
  )
})
