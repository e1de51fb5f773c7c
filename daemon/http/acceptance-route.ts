/** `/v1/ctl/acceptance` */
import { deviceClasses, phoneAcceptance } from '../trust/phones/phone-acceptance.js'
import { readTrustList, type TrustList } from '../trust/phones/trust-list.js'
import { jsonRoute, type Route } from './route.js'
import { acceptanceRequestSchema } from './schemas/acceptance-schemas.js'

export function acceptanceRoute(): Route {
  return jsonRoute('AcceptanceRequest', acceptanceRequestSchema, {
    method: 'post',
    path: '/v1/ctl/acceptance',
    id: 'predictAcceptance',
    summary: 'Which classes of phones take a new CTL, which refuse it, and what to do',
    description:
      'A file that does not verify is an answer, not a failed request. What no document states is `unknown`.',
    scope: 'read',
    answers: [{ type: 'application/json', schema: 'Acceptance' }],
    problems: [],
    handle: ({ body }) => {
      const offered = readTrustList(bytesOf(body.new))
      const situation = {
        offered,
        installed: listOf(body.installed),
        itl: body.itl === undefined ? ('not given' as const) : listOf(body.itl),
        tvs: body.tvs?.map(bytesOf) ?? ('not asked' as const),
      }
      const answers = deviceClasses.map((deviceClass) => ({
        class: deviceClass,
        ...phoneAcceptance({ ...situation, deviceClass }),
      }))
      return { json: { draft: offered.isDraft, answers } }
    },
  })
}

const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

const listOf = (text: string): TrustList | 'none' => (text === 'none' ? 'none' : readTrustList(bytesOf(text)))
