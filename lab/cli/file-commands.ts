/** `file list` and `file delete`, for the files of TFTP. */
import type { LabNode } from '../model/lab-cluster.js'
import type { Conversation } from './shell.js'

const WIDTH = 80

export function listTftp(node: LabNode, rest: string): string {
  const [pattern = '*', ...options] = rest.split(' ')
  const files = matching(node, pattern)
  const counted = `dir count = 0, file count = ${files.length}`
  if (files.length === 0) return counted
  if (options.includes('detail')) return [...files, counted].join('\n')
  const width = Math.max(...files.map((file) => file.length)) + 2
  const perLine = Math.max(1, Math.floor(WIDTH / width))
  const lines: string[] = []
  for (let start = 0; start < files.length; start += perLine) {
    lines.push(
      files
        .slice(start, start + perLine)
        .map((file) => file.padEnd(width))
        .join('')
        .trimEnd(),
    )
  }
  return [...lines, counted].join('\n')
}

/** Asks for each file, as CUCM does without `noconfirm`; anything but y leaves the file. */
export async function deleteTftp({ node, ask, say }: Conversation, pattern: string): Promise<undefined> {
  if (pattern === '') throw new Error('Say which file: file delete tftp CTLFile.tlv')
  await deleteFiles({ node, ask, say }, matching(node, pattern), '')
}

/** The question names a file as it was named, with its folder. */
async function deleteFiles(
  { node, ask, say }: Pick<Conversation, 'node' | 'ask' | 'say'>,
  files: readonly string[],
  folder: string,
): Promise<undefined> {
  let deleted = 0
  for (const file of files) {
    const answer = await ask(`Delete the File ${folder}${file}?\nEnter "y" followed by return to continue: `)
    if (answer.trim().toLowerCase() === 'y') deleted += await node.deleteTftp(file)
  }
  say(`files: found = ${files.length}, deleted = ${deleted}\n`)
}

/** TAC 118892: a stale file, once the cluster left mixed mode. The words of the refusals are the lab's own. */
export async function deleteStaleCtl(conversation: Conversation, path: string): Promise<undefined> {
  if (path !== 'cm/tftpdata/CTLFile.tlv') {
    throw new Error('Of the active log the lab has cm/tftpdata/CTLFile.tlv only.')
  }
  if (conversation.lab.mode() === 1) {
    throw new Error('The cluster is in mixed mode: this file is in use.')
  }
  await deleteFiles(conversation, matching(conversation.node, 'CTLFile.tlv'), 'cm/tftpdata/')
}

/** `*` stands for any characters. */
export function matching(node: LabNode, pattern: string): string[] {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const wanted = new RegExp(`^${parts.join('.*')}$`)
  return node.listTftp().filter((file) => wanted.test(file))
}
