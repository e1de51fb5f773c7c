import test from 'ava'
import { ClusterDesk } from '../../../daemon/cluster/cluster-desk.js'
import { planAnswerJson } from '../../../daemon/http/migration-json.js'
import { planAnswerSchema } from '../../../daemon/http/schemas/migration-schemas.js'
import { type MigrationDeskParts, makeMigrations } from '../../../daemon/migration/desk/migration-desk.js'
import { everywhere, openDoubles, settingsOf, threeNodes } from '../../cluster/observe/observed-cluster.js'
import { tokenless } from '../../trust/tac-files.js'

/** A desk that only plans: nothing is stored. */
function deskOn(release: string) {
  const settings = { ...threeNodes, release }
  const parts = {
    clusters: new ClusterDesk({
      settings: settingsOf(settings),
      open: async () => openDoubles({ settings, files: everywhere(tokenless().signed) }),
    }),
    tokens: { list: () => [] },
    probes: { all: async () => [] },
    now: () => new Date('2026-11-25T04:00:00Z'),
    onEvent: () => undefined,
    onUnexpected: (error: unknown) => {
      throw error
    },
  } as unknown as MigrationDeskParts
  return makeMigrations(parts)
}

for (const [release, plan, code] of [
  ['9.1.2', 'mixed-mode-tokenless', 'RELEASE_TOO_OLD'],
  ['14.0.1', 'tokenless-to-tokens', 'RELEASE_TOO_NEW'],
] as const) {
  test(`${plan} on ${release} is refused with ${code} as a finding`, async (t) => {
    const desk = deskOn(release)
    t.teardown(() => desk.halt())
    const answer = await desk.plan({ cluster: 'krakow', plan, wishes: { tokens: ['T1'], edits: [] } })
    t.deepEqual(
      answer.findings.map((finding) => [finding.code, finding.severity]),
      [[code, 'error']],
    )
    const { error, data } = planAnswerSchema.safeParse(JSON.parse(JSON.stringify(planAnswerJson(answer))))
    t.is(error, undefined)
    t.like(data?.plan, { code })
  })
}
