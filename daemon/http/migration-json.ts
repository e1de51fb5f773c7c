/** Migrations as the API takes and tells them. */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { MigrationView, PlanAnswer, StartRequest } from '../migration/desk/migrations.js'
import type { CtlEdit, NoPlan, Plan } from '../migration/plan/plan.js'
import type { RegenerateWish } from '../migration/plan/wishes.js'
import type { PhoneReading } from '../migration/runner/eyes.js'
import type { planRequestSchema, readingsRequestSchema } from './schemas/migration-schemas.js'

type PlanRequest = z.output<typeof planRequestSchema>

export function toPlanRequest({
  cluster,
  plan,
  tokens,
  signer,
  edits,
  regenerate,
  tokensLost,
}: PlanRequest): Omit<StartRequest, 'said'> {
  return {
    cluster,
    plan,
    wishes: {
      tokens,
      edits: edits.map(toEdit),
      ...(signer !== undefined && { signer }),
      ...(regenerate && { regenerate: toRegenerateWish(regenerate) }),
      ...(tokensLost && { tokensLost }),
    },
  }
}

const toRegenerateWish = ({
  what,
  node,
  through,
  isDone,
}: NonNullable<PlanRequest['regenerate']>): RegenerateWish => ({
  what,
  node,
  ...(through !== undefined && { through }),
  ...(isDone && { isDone }),
})

/** A certificate that comes in is sent whole, and known by its hash from then on. */
function toEdit(edit: PlanRequest['edits'][number]): CtlEdit {
  switch (edit.edit) {
    case 'add': {
      const der = derOf(edit.certificate)
      return {
        edit: 'add',
        function: edit.function,
        certificate: sha256(der),
        der,
        ...(edit.ipAddress !== undefined && { address: edit.ipAddress }),
        ...(edit.dnsName !== undefined && { dnsName: edit.dnsName }),
      }
    }
    case 'replace': {
      const der = derOf(edit.by)
      return { edit: 'replace', certificate: edit.certificate, by: sha256(der), der }
    }
    case 'address':
      return {
        edit: 'address',
        certificate: edit.certificate,
        address: edit.ipAddress,
        ...(edit.dnsName !== undefined && { dnsName: edit.dnsName }),
      }
    case 'remove':
      return edit
  }
}

const derOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export function toReadings({ readings }: z.output<typeof readingsRequestSchema>): PhoneReading[] {
  return readings.map(({ device, model, took, checksum, note }) => ({
    device,
    ...(model !== undefined && { model }),
    took,
    ...(checksum !== undefined && { checksum: checksum.toLowerCase() }),
    ...(note !== undefined && { note }),
  }))
}

export const planAnswerJson = ({ plan, findings, prediction }: PlanAnswer): Record<string, unknown> => ({
  plan: isImpossible(plan) ? plan : { ...planHead(plan), steps: plan.steps },
  findings,
  prediction,
})

const isImpossible = (plan: Plan | NoPlan): plan is NoPlan => 'impossible' in plan

function planHead({ id, cluster, title, release, tokens, assumptions, interruptions }: Plan) {
  return {
    id,
    cluster,
    title,
    ...(release !== undefined && { release }),
    tokens,
    assumptions,
    interruptions,
  }
}

function headJson({ id, cluster, plan, state, startedAt, startedBy, rollbackOf, current }: MigrationView) {
  return {
    id,
    cluster,
    plan: planHead(plan),
    state,
    startedAt,
    startedBy,
    ...(rollbackOf !== undefined && { rollbackOf }),
    ...(current !== undefined && { current }),
  }
}

export function migrationJson(view: MigrationView): Record<string, unknown> {
  const { steps, findings, waits, stopped, said, readings, files } = view
  return {
    ...headJson(view),
    steps,
    findings,
    waits,
    ...(stopped && { stopped }),
    said,
    readings,
    files: files.map(({ name, sha256, length }) => ({ name, sha256: sha256 ?? null, length })),
  }
}

/** A row of the list. */
export function migrationSummaryJson(view: MigrationView): Record<string, unknown> {
  const { steps, current, stopped } = view
  const title = steps.find(({ id }) => id === current)?.title
  return {
    ...headJson(view),
    ...(title !== undefined && { currentTitle: title }),
    ...(stopped && { stopped }),
    steps: steps.length,
    done: steps.filter(({ phase }) => phase === 'done').length,
  }
}
