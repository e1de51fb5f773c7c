/** `ctl-bridge tokens`: what the daemon sees. */

import { printable } from '../../ctl/text.js'
import type { TokenAnswer, TokenListAnswer } from '../answers.js'
import { openApi } from '../api-client.js'
import type { CommandContext } from '../command.js'
import { jsonText } from '../json-text.js'

export async function run(context: CommandContext): Promise<number> {
  const api = await openApi(context)
  for (const serial of context.lists.forget ?? []) {
    await api.postJson(`/v1/tokens/${encodeURIComponent(serial)}/forget`, undefined)
    context.terminal.note(`Token ${printable(serial)} is forgotten.\n`)
  }
  const list = context.switches.has('rescan')
    ? await api.postJson<TokenListAnswer>('/v1/tokens/rescan', {})
    : await api.getJson<TokenListAnswer>('/v1/tokens')
  context.terminal.print(context.terminal.json ? jsonText(list, 2) : tokensText(list))
  return 0
}

export function tokensText({ tokens, modules }: TokenListAnswer): string {
  const rows = tokens.flatMap(tokenRows)
  const failed = modules
    .filter(({ state }) => state === 'failed' || state === 'parked')
    .flatMap(({ name, state, error }) => [
      `Module ${name} ${state === 'parked' ? 'is parked' : 'does not work'}: ${error?.detail ?? ''} (${error?.code ?? ''})`,
      `  do           ${error?.remedy ?? ''}`,
    ])
  if (modules.length === 0)
    rows.push('No PKCS#11 library was found. Name one under [[modules]] in the settings.')
  else if (tokens.length === 0) rows.push('No token was found. Plug one in.')
  return `${[...rows, ...failed].map(printable).join('\n')}\n`
}

function tokenRows(token: TokenAnswer): string[] {
  const certificates = token.certificates.flatMap((certificate) => {
    const use = certificate.maySign ? 'may sign' : `may not sign: ${certificate.whyNot ?? 'unknown'}`
    return [
      `  certificate  ${certificate.subject ?? 'unreadable'}`,
      `    issuer     ${certificate.issuer ?? 'unreadable'}`,
      `    key        ${keyText(certificate.key)}, ${use}`,
      `    valid      ${day(certificate.notBefore)} to ${day(certificate.notAfter)}`,
      `    sha256     ${certificate.sha256}`,
    ]
  })
  return [
    `${token.serial}  ${token.label}  ${token.state}`,
    `  token        ${token.manufacturer} ${token.model}, module ${token.module}`,
    ...(token.shadowed.length > 0 ? [`  also in      ${token.shadowed.join(', ')} (not used)`] : []),
    ...(token.fault === undefined ? [] : [`  fault        ${token.fault}`]),
    `  PIN          ${[pinText(token.pin), readerText(token)].filter(Boolean).join('; ')}`,
    ...(token.wrongTries > 0
      ? [`  lost tries   ${token.wrongTries} with a wrong PIN or interrupted, through this daemon so far`]
      : []),
    ...(token.lease
      ? [
          `  unlocked by  ${token.lease.holder} until ${token.lease.until}, uses left: ${token.lease.usesLeft}`,
        ]
      : []),
    ...(certificates.length > 0 ? certificates : ['  no certificate']),
    '',
  ]
}

const day = (instant: string | null): string => instant?.slice(0, 10) ?? 'unreadable'

function keyText(key: TokenAnswer['certificates'][number]['key']): string {
  if (key === null) return 'unreadable key'
  if (key.type === 'rsa') return `RSA ${key.bits}`
  return key.type === 'ec' ? `EC ${key.curve}` : key.name
}

function pinText(pin: TokenAnswer['pin']): string {
  if (pin.locked) return 'LOCKED: the token takes no PIN any more'
  if (pin.finalTry) return 'ONE TRY LEFT'
  if (pin.countLow) return 'a wrong PIN was given since the last right one'
  if (!pin.set) return 'not set'
  return pin.mustChange ? 'must be changed' : 'set'
}

function readerText({ pin: { onReader }, readerRefuses }: TokenAnswer): string {
  if (!onReader) return ''
  return readerRefuses
    ? 'its library does not let the reader ask for it, so it is asked here'
    : 'typed on the reader'
}
