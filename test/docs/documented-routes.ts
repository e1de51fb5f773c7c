/** The route table of a daemon without modules, for documents: its handlers are never called. */
import { ClusterDesk } from '../../daemon/cluster/cluster-desk.js'
import { EventLog } from '../../daemon/http/event-log.js'
import { makeFailureLimit } from '../../daemon/http/failure-limit.js'
import { Idempotency } from '../../daemon/http/idempotency.js'
import type { Route } from '../../daemon/http/route.js'
import { makeRoutes } from '../../daemon/http/routes.js'
import type { Migrations } from '../../daemon/migration/desk/migrations.js'
import { PinGuard } from '../../daemon/tokens/pin-guard.js'
import { TokenProvisioning } from '../../daemon/tokens/token-provisioning.js'
import { Tokens } from '../../daemon/tokens/tokens.js'
import { readCertificate } from '../../daemon/trust/certificate/certificate.js'

/** Described by its routes alone. */
const undocumented = {} as Migrations

const never = (): never => {
  throw new Error('a handler was called')
}

export function documentedRoutes(): readonly Route[] {
  const now = () => new Date(0)
  const audit = { append: async () => undefined }
  const memory = { all: async () => [], remember: async () => undefined, forget: async () => undefined }
  const attempts = {
    begin: async () => 0,
    settle: async () => undefined,
    heldAgainst: async () => undefined,
    wrongTries: async () => new Map(),
  }
  const guard = new PinGuard({ attempts, fingerprint: async () => new Uint8Array() })
  const tokens = new Tokens({
    modules: [],
    readCertificate,
    audit,
    memory,
    guard,
    onEvent: () => undefined,
  })
  return makeRoutes({
    usb: () => ({ state: 'unavailable', devices: [] }),
    tokens,
    provisioning: new TokenProvisioning({ tokens, provisioners: new Map(), now }),
    audit,
    history: { entries: async () => [] },
    requests: {
      add: async () => undefined,
      get: async () => undefined,
      latest: async () => [],
      answer: async () => false,
    },
    clusters: new ClusterDesk({
      settings: { list: () => ({ clusters: [], problems: [] }), get: never },
      open: async () => never(),
    }),
    published: { keep: never, finish: never, get: never, latest: never, bytes: never },
    probes: { remember: never, all: never },
    publishing: never,
    migrations: undocumented,
    onUnexpected: () => undefined,
    events: new EventLog('0', now),
    unlockLimit: makeFailureLimit(1, 1, Date.now),
    idempotency: new Idempotency(Date.now),
    boot: '0',
    startedAt: now(),
    version: '0',
    now,
  })
}
