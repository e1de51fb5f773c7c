/** Tells of each step of something that is done to a cluster while its answer is waited for. */
import type { ApiClient } from '../api-client.js'
import { makeProgress } from '../progress.js'

type StepEvent = 'cluster.observing' | 'cluster.publishing' | 'cluster.awaiting' | 'cluster.probing'
type Data = Readonly<Record<string, unknown>>

export async function withClusterProgress<T>(
  api: ApiClient,
  cluster: string,
  event: StepEvent,
  work: () => Promise<T>,
): Promise<T> {
  const progress = makeProgress()
  const leave = await api.watchEvents(({ type, data }) => {
    if (type === event && data.cluster === cluster) progress.tell(stepTexts[event](data))
  })
  try {
    return await work()
  } finally {
    leave()
    progress.end()
  }
}

const outcomes: Readonly<Record<string, string>> = { answered: 'done', 'not-asked': 'not asked' }

const observing = ({ node, question, outcome, code, done, of }: Data): string =>
  `${done} of ${of}  ${node}: ${question}, ${outcomes[String(outcome)] ?? `failed (${code})`}`

const stepNames: Readonly<Record<string, string>> = {
  reading: 'reads what is there',
  keeping: 'keeps what is there',
  writing: 'writes',
  restarting: 'restarts Cisco Tftp',
  'reading-back': 'reads back',
}

const publishing = ({ node, step, outcome }: Data): string =>
  `${node}: ${step === 'done' ? outcome : (stepNames[String(step)] ?? step)}`

const stepTexts: Readonly<Record<StepEvent, (data: Data) => string>> = {
  'cluster.observing': observing,
  'cluster.publishing': publishing,
  'cluster.probing': publishing,
  'cluster.awaiting': ({ node, isServed }) => `${node}: ${isServed ? 'serves it' : 'does not serve it yet'}`,
}
